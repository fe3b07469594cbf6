module benchmarks

go 1.27
