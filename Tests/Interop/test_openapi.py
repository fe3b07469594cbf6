# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# openapi.yaml against a validator, and the running endpoint against openapi.yaml by generated requests.

import re
import subprocess

import requests

from conftest import HERE, ROOT, VENV


def run(*command, folder, within):
    environment = {  # no terminal settings, no proxies
        "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1",
        "SCHEMATHESIS_HOOKS": "schemathesis_hooks",
    }
    return subprocess.run(
        list(map(str, command)), cwd=folder, capture_output=True, text=True, timeout=within, env=environment,
    )


def test_the_contract_is_valid_openapi(tmp_path):
    checked = run(VENV / "bin/openapi-spec-validator", ROOT / "openapi.yaml", folder=tmp_path, within=60)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_served_contract_is_the_file_in_the_repository(metrics_host):
    assert requests.get(metrics_host.url + "/openapi.yaml", timeout=10).content == (ROOT / "openapi.yaml").read_bytes()


def schemathesis(contract, host, folder, *options):
    # No --max-time: with it, fuzzing goes on until the time is spent. The count of examples is the bound.
    return run(
        VENV / "bin/schemathesis", "run", contract, "--url", host.url, "--phases", "examples,coverage,fuzzing",
        "--max-examples", "25", "--generation-deterministic", "--workers", "1", "--request-timeout", "5", "--no-color", *options,
        folder=folder, within=120,
    )


def test_schemathesis_finds_no_answer_that_the_contract_does_not_allow(metrics_host, tmp_path):
    contract = requests.get(metrics_host.url + "/openapi.yaml", timeout=10).text
    # To make texts of 1000 characters that match a pattern takes it half a minute for each parameter.
    shorter, replaced = re.subn(r"\bmaxLength: 1000\b,?", "", contract)
    assert replaced == 2
    (tmp_path / "contract.yaml").write_text(shorter)
    # A profile takes its seconds: the bounds are tested in test_pprof_pages.py.
    long = ["cpuProfile", "heapProfile", "allocationProfile"]
    excluded = [word for name in long for word in ("--exclude-operation-id", name)]
    checked = schemathesis("contract.yaml", metrics_host, tmp_path, *excluded)
    assert checked.returncode == 0, checked.stdout[-20000:] + checked.stderr[-2000:]
    selected, every, tested = map(int, re.search(r"Selected: (\d+)/(\d+)\n +Tested: (\d+)\n", checked.stdout).groups())
    assert selected == tested == every - len(long), checked.stdout


def test_schemathesis_would_notice_an_undocumented_content_type(metrics_host, tmp_path):
    contract = (ROOT / "openapi.yaml").read_text()
    (tmp_path / "wrong.yaml").write_text(contract.replace("application/yaml", "application/xml"))
    checked = schemathesis("wrong.yaml", metrics_host, tmp_path, "--include-path", "/openapi.yaml")
    assert checked.returncode == 1 and "Undocumented Content-Type" in checked.stdout, checked.stdout
