# Every command sets up what it needs, works from a clean clone, and twice in a row.

.PHONY: demo test interop bench format lint

demo: ; Examples/demo.sh
test: ; .ci/test.sh
interop: ; Tests/Interop/run.sh
bench: ; Benchmarks/run.sh
format: ; swift format --in-place --recursive $(SWIFT_FOLDERS)
lint: ; swift format lint --strict --recursive $(SWIFT_FOLDERS)

SWIFT_FOLDERS := Package.swift Sources Tests Examples Benchmarks
