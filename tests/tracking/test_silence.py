"""How long a client has answered nothing."""

import pytest

from artifact_torch.tracking.silence import Silence


def test_every_answer_starts_the_time_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [10.0]
    monkeypatch.setattr("artifact_torch.tracking.silence.monotonic", lambda: now[0])
    silence, seen = Silence(), list[float]()
    for second, n_answers in ((11, 3), (14, 3), (15, 4), (18, 4), (19, 0), (21, 0)):
        now[0] = float(second)
        seen.append(silence.lasts(n_answers))
    assert seen == [1, 4, 0, 3, 0, 2]
