"""Settings: what is allowed, what a mistake says, and what is quiet."""

import os
from pathlib import Path

import pytest

from pipelines.errors import SettingsError
from pipelines.settings import QUIET, Settings, load_settings

ROOT = Path(__file__).resolve().parents[2]
HASH = "ab" * 32


def test_the_defaults_need_no_key_and_serve_loopback() -> None:
    settings = Settings(_env_file=None)
    assert (settings.host, settings.port, settings.api_keys) == ("127.0.0.1", 3000, "")


def test_environment_sets_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUFFLEUR_PORT", "8080")
    assert load_settings().port == 8080


def test_an_override_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUFFLEUR_RISK", "0.2")
    assert load_settings(risk=0.05).risk == 0.05


def test_env_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("SOUFFLEUR_BRAND=Persil\nOTHER=1\n", encoding="utf-8")
    assert Settings(_env_file=file).brand == "Persil"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"), ("PORT", "http"), ("RISK", "1"), ("RISK", "-0.1"), ("ADDRESS", "toi"),
        ("MAX_CHARS", "10"),
        ("API_KEYS", "my-secret-key"), ("THREADS", "0"), ("TIMEOUT_S", "0"), ("MAX_BODY_BYTES", "1"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_and_not_repeated(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"SOUFFLEUR_{name}", value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert f"SOUFFLEUR_{name}" in caught.value.what
    assert caught.value.mend
    assert "my-secret-key" not in str(caught.value)


def test_several_key_hashes_are_kept_in_lower_case() -> None:
    assert load_settings(api_keys=f"{HASH.upper()}, {HASH}").api_keys == f"{HASH}, {HASH}"


def test_bundle_and_index_live_at_home(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)
    assert settings.bundle_dir == tmp_path / "bundles" / "current"
    assert settings.index_dir == tmp_path / "index"
    assert load_settings(bundle=tmp_path / "b").bundle_dir == tmp_path / "b"


def test_loading_quiets_the_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HAYSTACK_TELEMETRY_ENABLED")
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    load_settings()
    assert all(name in os.environ for name in QUIET)
    assert os.environ["HAYSTACK_TELEMETRY_ENABLED"] == "False"
    assert os.environ["OPENBLAS_NUM_THREADS"] == "2", "what the operator set is kept"


def test_the_example_file_names_every_setting_and_is_valid() -> None:
    example = ROOT / ".env.example"
    text = example.read_text(encoding="utf-8")
    missing = [name for name in Settings.model_fields if f"SOUFFLEUR_{name.upper()}=" not in text]
    assert not missing
    known = {f"SOUFFLEUR_{name.upper()}" for name in Settings.model_fields}
    named = {
        line.lstrip("# ").split("=")[0]
        for line in text.splitlines()
        if line.lstrip("# ").startswith("SOUFFLEUR_")
    }
    assert named <= known
    Settings(_env_file=example)


def test_the_example_file_shows_the_defaults(tmp_path: Path) -> None:
    live = tmp_path / "all.env"
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    live.write_text(
        "\n".join(line.removeprefix("# ") for line in lines if line.startswith("# SOUFFLEUR_")),
        encoding="utf-8",
    )
    skipped = {"cache", "home", "datasets", "bundle"}
    shown, default = Settings(_env_file=live), Settings(_env_file=None)
    assert shown.model_dump(exclude=skipped) == default.model_dump(exclude=skipped)
