"""``bayessel bench`` with baselines, weak judges and eps varied."""

from __future__ import annotations

import pandas as pd

from sample import rows


def scores(path):
    """A table of scores with texts: a is 3, the others vary."""
    table = pd.DataFrame(rows(n_queries=8))
    table["score"] = [(3 if m == "a" else (7 * i) % 5) for i, m in enumerate(table["model"])]
    table.drop(columns="outcome").to_csv(path, index=False)
    return path


def test_baselines_judges_and_eps(bayessel, tmp_path):
    path = scores(tmp_path / "scored.csv")
    names = "random,uncertainty,llm-selector,llm-selector:eps_loss=.1,eps_draw=.2"
    names += ",llm-selector:eps_loss=.1,eps_draw=.4"
    arguments = ["bench", path, "--baselines", "base,a", "--kgrams", "1,10"]
    arguments += ["--strategies", names, "--realizations", "3", "--budget", "3"]
    result = bayessel(*arguments, "--tolerance", "1", "--out", "out")
    assert result.returncode == 0, result.stderr
    found = pd.read_parquet(tmp_path / "out" / "realizations.parquet")
    assert list(found["data"].unique()) == ["scored, baseline base", "scored, baseline a"]
    table = pd.read_csv(tmp_path / "out" / "tables" / "varied.csv")
    assert set(table["factor"]) == {"kgrams", "baseline", "eps"}
    figures = {file.name for file in (tmp_path / "out" / "figures").glob("*.png")}
    assert {
        "scored_baselines.png",
        "scored-baseline-a_kgrams.png",
        "scored-baseline-a_eps.png",
        "scored-baseline-a_eps-z1.png",
    } <= figures
    settings = pd.read_csv(tmp_path / "out" / "tables" / "settings.csv")
    assert set(settings["baseline"]) == {"base", "a"}
    text = (tmp_path / "out" / "tables.md").read_text(encoding="utf-8")
    assert "## scored: by baseline LLM" in text
    assert "## scored, baseline a: by number of weak judges z" in text


def test_one_sentence_before_any_work(bayessel, table, tmp_path):
    path = scores(tmp_path / "scored.csv")
    for arguments, said in (
        ([table, "--baselines", "base,a"], "records only outcomes against 'base'"),
        ([path, "--baselines", "base,d"], "baseline 'd' has no score for 8 of 8"),
        ([path, "--baselines", "a,a"], "baselines 'a,a': expected different names"),
        ([path, "--baselines", "a", "--baseline", "b"], "give one of them"),
        ([path, "--baselines", "a", "--tolerance", "-1"], "tolerance is -1"),
        ([path], "name the baseline"),
    ):
        result = bayessel("bench", *arguments, "--realizations", "2", "--out", "out")
        assert result.returncode == 2, result.stdout
        assert said in result.stderr
    assert not (tmp_path / "out").exists()
