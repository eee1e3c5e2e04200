"""Was it right to speak, or to be silent? An answer that is withheld is never counted as a wrong one."""

from __future__ import annotations

from evals.rows import Example, Prediction
from evals.scorers.grounded import asks_back
from evals.scorers.measuring import Found, RowScorer
from evals.scorers.reading import answers, suggestions, task


class SilenceScorer(RowScorer):
    """Coverage where there is an answer, refusal where there is none, and the question where a fact lacks.

    Each name is of its own rows: ``answered`` of the answerable ones (its mean is the coverage, no quality),
    ``refusal_correct`` of the unanswerable ones (any suggestion is a mistake), ``asked_back`` of those that
    need a fact of the customer. ``silence_explained``: silence gives its reason, and never along with a text.

    Example:
        >>> asked = Example(id="q", inputs={"query": "capitale ?"}, expected={"answerable": False})
        >>> silence = {"suggestions": [], "silence": {"reason": "no_evidence"}}
        >>> quiet = Prediction(example_id="q", output=silence)
        >>> {s.name: s.value for s in SilenceScorer().score(asked, quiet) if s.status == "value"}
        {'refusal_correct': 1.0, 'silence_explained': 1.0}
    """

    names = ("answered", "refusal_correct", "asked_back", "silence_explained")

    def measure(self, example: Example, prediction: Prediction) -> Found:
        """Values 0 or 1, of the names that apply to the row."""
        wanted, shown = task(example), suggestions(prediction)
        found: dict[str, float | str] = dict.fromkeys(self.names, "another task")
        if wanted == "answer":
            found["answered"] = float(bool(answers(prediction)))
        elif wanted == "silence":
            found["refusal_correct"] = float(not shown)
        elif wanted == "ask":
            pairs = [(s.get("kind", ""), a.get("value", "")) for s in shown for a in s.get("actions") or []]
            found["asked_back"] = float(asks_back(pairs, example.expected))
        reason = (prediction.output.get("silence") or {}).get("reason")
        found["silence_explained"] = (
            "not silent" if shown and not reason else float(not shown and bool(reason))
        )
        return found
