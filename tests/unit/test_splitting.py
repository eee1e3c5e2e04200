"""Near duplicates stay together, and shares hold in every stratum."""

from collections import Counter

from evals.data.splitting import assign, clusters, near_pairs


def test_near_duplicates_differ_by_a_number_or_an_accent() -> None:
    texts = ["où est ma commande CF-24871093", "ou est ma commande CF-11111111 ?", "je veux un remboursement"]
    assert near_pairs(texts) == [(0, 1)]


def test_clusters_go_to_one_part_and_shares_hold() -> None:
    rows = [{"intent": "ab"[i % 2], "lang": "fr"} for i in range(200)]
    groups = clusters(200, [(0, 2), (2, 4), (1, 199)])
    parts = assign(rows, groups)
    assert parts[0] == parts[2] == parts[4]
    assert parts[1] == parts[199]
    counts = Counter(zip(parts, (r["intent"] for r in rows), strict=True))
    assert all(abs(counts["train", x] - 60) <= 3 and abs(counts["test", x] - 25) <= 3 for x in "ab")
    assert assign(rows, groups) == parts
