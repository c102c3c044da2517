"""What a leaderboard says, in sentences that claim no more than the numbers do."""

import pandas as pd

from wbcray.explorer.numbers.leaderboard import ORACLE, REFERENCE, across_domains
from wbcray.explorer.wording import plus_minus, signed
from wbcray.metrics.comparison import FOLDS_FOR_VERDICT

UNDECIDED = "cannot tell"
VERDICTS = (("better", "Better"), ("worse", "Worse"), ("tie", "Tie"), (UNDECIDED, "Cannot tell"))


def findings(board: pd.DataFrame, *, reference: str) -> tuple[str, ...]:
    """One sentence group per held-out domain: who leads, who ties, who differs from `reference`.

    What held-out scores chose takes no part; that it is there is said.
    """
    return tuple(
        f"{held_out}: {_of_domain(block, reference)}"
        for held_out, block in board.groupby("held_out", sort=False)
    )


def findings_across(board: pd.DataFrame, *, reference: str) -> tuple[str, ...]:
    """The mean difference of each method over held-out domains; nothing for fewer than two."""
    means = across_domains(board)
    known = means[(means["compared"] > 1) & means["difference"].notna()]
    return tuple(
        f"{row['method']} against {reference}, mean of {row['compared']} held-out domains: "
        f"{signed(row['difference'])} (smallest {signed(row['lowest'])}, largest "
        f"{signed(row['highest'])}; above in {row['above']})."
        for row in known.to_dict("records")
    )


def _of_domain(block: pd.DataFrame, reference: str) -> str:
    peeking = block["oracle"].astype(bool)
    left_out = ""
    if peeking.any():
        left_out = f"Left out as no results: {_listed(list(block['method'][peeking]))}."
    if peeking.all():
        return left_out
    fair = block[~peeking]
    return " ".join(part for part in (_leader(fair), _against(fair, reference), left_out) if part)


def _leader(block: pd.DataFrame) -> str:
    first = block.iloc[0]
    score = plus_minus(float(first["macro_mean"]), float(first["macro_std"]))
    return f"{first['method']} has the highest macro F1, {score}, {_company(block)}."


def _company(block: pd.DataFrame) -> str:
    if len(block) == 1:
        return "the only method measured"
    if block["folds"].iloc[0] < FOLDS_FOR_VERDICT:
        return "on too few folds to say whether that is real"
    # a method with too few folds is separable from nobody, which is no merit
    tied = (block["tie_group"] == 1) & (block["folds"] >= FOLDS_FOR_VERDICT)
    rivals = [str(name) for name in block["method"][tied]][1:]
    return f"not separable from {_listed(rivals)}" if rivals else "apart from all others"


def _against(block: pd.DataFrame, reference: str) -> str:
    if reference not in set(block["method"]):
        return f"There is nothing to compare with: {reference} was not measured."
    groups = []
    for word, title in VERDICTS:
        rows = block[block["verdict"].str.startswith(word)]
        names = [
            f"{name} ({signed(float(value))})"
            for name, value in zip(rows["method"], rows["difference"], strict=True)
        ]
        if names:
            groups.append(f"{title}: {_listed(names)}.")
    return f"Against {reference}: {' '.join(groups)}" if groups else ""


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def verdict_mark(verdict: str) -> str:
    """A sign that stands for a verdict where there is no room for the word."""
    marks = {"better": "▲", "worse": "▼", "tie": "=", REFERENCE: "", ORACLE: ""}
    return marks.get(verdict, "?")
