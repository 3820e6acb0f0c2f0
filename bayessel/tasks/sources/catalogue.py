"""The six benchmarks of arXiv 2510.09418: names and addresses."""

from __future__ import annotations

from dataclasses import dataclass

from bayessel.errors import did_you_mean

_MT_LLMS = (
    "alpaca-13b baize-v2-13b chatglm-6b claude-instant-v1 claude-v1 dolly-v2-12b "
    "falcon-40b-instruct fastchat-t5-3b gpt-3.5-turbo gpt-4 gpt4all-13b-snoozy guanaco-33b "
    "guanaco-65b h2ogpt-oasst-open-llama-13b koala-13b llama-13b mpt-30b-chat mpt-30b-instruct "
    "mpt-7b-chat nous-hermes-13b oasst-sft-4-pythia-12b oasst-sft-7-llama-30b "
    "palm-2-chat-bison-001 rwkv-4-raven-14b stablelm-tuned-alpha-7b tulu-30b vicuna-13b-v1.3 "
    "vicuna-33b-v1.3 vicuna-7b-v1.3 wizardlm-13b wizardlm-30b"
).split()

_ALPACA = "cd543a149df89434d8a54582c0151c0b945c3d20"
_ARENA = "15f3746e21432264ce9b453999bde4f3c946d2e6"
# commits: what is downloaded today is what is downloaded tomorrow. MT-bench's Space is read at its
# newest commit, and HELM's releases have none: the hashes of their files are kept at the first
# download, see fetching.py


@dataclass(frozen=True)
class Source:
    """One public data set.

    Attributes
    ----------
    name
        Its name on the command line.
    what
        One line for people.
    url
        The address before the files' names; ``get`` can use another one, that of a mirror.
    kind
        How it is published. ``files``: single files; ``archive``: one ZIP file; ``listing``: the
        files in a JSON list of objects with ``path`` and ``type``; ``helm``: runs of a release.
    files
        Names of the files, of the ZIP file, or of the JSON list.
    inside
        The folder of the download that is read; for ``helm`` the scenario's name.
    format
        A key of :data:`bayessel.tasks.readers.FORMATS`.
    metric
        HELM's score of an answer.
    release
        HELM's release.
    commit
        For ``listing``: the commit that is downloaded.
    tree
        Git's name of the contents of ``inside``, of an archive of a known commit.
    """

    name: str
    what: str
    url: str
    kind: str
    files: tuple[str, ...] = ()
    inside: str = ""
    format: str = "table"
    metric: str = ""
    release: str = ""
    commit: str = "main"
    tree: str = ""


def _helm(name: str, what: str, project: str, prefix: str, metric: str, release: str) -> Source:
    url = f"https://storage.googleapis.com/crfm-helm-public/{project}/benchmark_output"
    return Source(name, what, url, "helm", inside=prefix, metric=metric, release=release)


SOURCES: dict[str, Source] = {
    source.name: source
    for source in (
        Source(
            "alpaca-eval",
            "AlpacaEval, GPT-4 judgments against text_davinci_003",
            "https://github.com/tatsu-lab/alpaca_eval",
            "archive",
            (f"archive/{_ALPACA}.zip",),
            f"alpaca_eval-{_ALPACA}/results",
            "alpaca-eval",
            tree="2b0b794523fa443be683294c1ef7537d540fd55d",
        ),
        Source(
            "arena-hard",
            "Arena-Hard v0.1, GPT-4 judgments in two games against gpt-4-0314",
            "https://huggingface.co/datasets/lmarena-ai/arena-hard-auto",
            "listing",
            (
                f"https://huggingface.co/api/datasets/lmarena-ai/arena-hard-auto/tree/{_ARENA}/"
                "data/arena-hard-v0.1?recursive=true",
            ),
            "data/arena-hard-v0.1",
            "arena-hard",
            commit=_ARENA,
        ),
        Source(
            "mt-bench",
            "MT-bench, GPT-4 judgments of FastChat's pregenerated answers",
            "https://huggingface.co/spaces/lmsys/mt-bench/resolve/main",
            "files",
            (
                "data/mt_bench/question.jsonl",
                "data/mt_bench/model_judgment/gpt-4_pair.jsonl",
                *(f"data/mt_bench/model_answer/{name}.jsonl" for name in _MT_LLMS),
            ),
            "data/mt_bench",
            "mt-bench",
        ),
        _helm(
            "flickr30k",
            "Flickr30k captions, VHELM; Prometheus-Vision scores",
            "vhelm",
            "flickr30k",
            "prometheus_vision",
            "v2.0.0",
        ),
        _helm(
            "bingo",
            "Bingo, VHELM; Prometheus-Vision scores",
            "vhelm",
            "bingo",
            "prometheus_vision",
            "v2.0.0",
        ),
        _helm(
            "mediqa",
            "MEDIQA, MedHELM; scores of a jury of LLMs",
            "medhelm",
            "medi_qa",
            "medi_qa_accuracy",
            "v2.0.0",
        ),
    )
}
"""Sources by name."""


def find_source(name: str) -> Source:
    """Look a source up.

    Raises
    ------
    UnknownNameError
        There is no such source.
    """
    if name not in SOURCES:
        raise did_you_mean(name, SOURCES, "data set")
    return SOURCES[name]
