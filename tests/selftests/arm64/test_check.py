from tests.checks.arm64 import check


def test_a_machine_that_cannot_run_it_gets_the_reason(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    folder = str(tmp_path)
    assert check.main(["--cache", folder, "--models", folder, "--weights", folder]) == 2
    assert "apt-get install" in capsys.readouterr().err
