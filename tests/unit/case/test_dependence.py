"""Designs, correlations and draws from a file, as a case gives them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import stats

from communitybudget._core.errors import CaseFileError
from communitybudget._core.streams import GivenStreams, Streams
from communitybudget.case import Appraisal, Case, appraise, summarise
from communitybudget.case.measures import measures_frame
from communitybudget.case.model import Model, prepare
from communitybudget.case.words import cautions_of, conventions_of
from communitybudget.sensitivity import replicate_error
from tests_builders import COST, lean_case

HOME = "unit_cost.residential_home_week"


def model_of(**keys: Any) -> Model:
    return prepare(Case.from_dict({**lean_case(), **keys}))


def pair(first: str, second: str, rank: float = 0.6) -> dict[str, Any]:
    return {"between": [first, second], "rank": rank, "source": "an example"}


@pytest.fixture(scope="module")
def plain() -> Model:
    return model_of()


@pytest.fixture(scope="module")
def prices(plain: Model) -> list[str]:
    """Unit costs that the small case draws."""
    drawn = plain.draw(2, 1).columns
    return [key for key in drawn if key.startswith("unit_cost.")][:4]


class TestDesigns:
    def test_random_is_what_it_was(self, plain: Model) -> None:
        assert_array_equal(plain.draw(50, 3)[COST], plain.draw(50, 3, Streams(3))[COST])
        assert model_of(sampling={"design": "random"}).draw(50, 3)[COST][0] == plain.draw(50, 3)[COST][0]

    @pytest.mark.parametrize("design", ["latin_hypercube", "sobol"])
    def test_every_unknown_has_a_column(self, plain: Model, design: str) -> None:
        model = model_of(sampling={"design": design})
        drawn = model.draw(64, 3)
        assert list(drawn.columns) == list(plain.draw(64, 3).columns)
        streams = model.open_streams(64, 3)
        assert isinstance(streams, GivenStreams)
        for name in model.stream_names():
            assert len(streams.random(name, 64)) == 64

    def test_a_latin_hypercube_takes_each_part_of_a_cost_once(self) -> None:
        model = model_of(sampling={"design": "latin_hypercube"})
        shares = model.inputs.used[COST].uncertainty.cdf(model.draw(100, 3)[COST])
        assert_array_equal(np.sort(np.floor(shares * 100)), np.arange(100))

    @pytest.mark.parametrize("design", ["latin_hypercube", "sobol"])
    def test_pieces_are_what_one_go_gives(self, design: str, prices: list[str]) -> None:
        model = model_of(sampling={"design": design}, correlations=[pair(*prices[:2])])
        whole = model.draw(50, 3)
        pieces = list(model.pieces(50, 3, 16))
        assert [piece.first for piece in pieces] == [0, 16, 32, 48]
        for key, column in whole.columns.items():
            assert_array_equal(np.concatenate([piece[key] for piece in pieces]), column)

    def test_it_is_said(self) -> None:
        words = " ".join(conventions_of(model_of(sampling={"design": "sobol", "replicates": 4})))
        assert "Sobol' sequence, scrambled, a dimension for each number. In 4 independent parts" in words
        assert "in the order in which the case first uses them: cohort.medium_need.children" in words
        assert "Sobol" not in " ".join(conventions_of(model_of()))

    @pytest.mark.parametrize(
        ("sampling", "words"),
        [
            ({"design": "halton"}, "'random', 'latin_hypercube' or 'sobol'"),
            ({"design": "random", "replicates": 4}, "leave replicates out"),
            ({"design": "sobol", "replicates": 1}, "from 2 replicates on"),
            ({"design": "sobol", "replicates": 0}, "at least 1"),
            ({"desing": "sobol"}, "did you mean 'design'"),
        ],
    )
    def test_what_is_no_design(self, sampling: dict[str, Any], words: str) -> None:
        with pytest.raises(CaseFileError, match=words):
            model_of(sampling=sampling)


@pytest.fixture(scope="module")
def case() -> Case:
    return Case.from_dict({**lean_case(), "sampling": {"design": "sobol", "replicates": 5}})


@pytest.fixture(scope="module")
def result(case: Case) -> Appraisal:
    return appraise(case, draws=4_300, seed=2)


class TestErrorsByReplicate:
    def test_measures_tell_them(self, result: Appraisal) -> None:
        replicates = result.model.replicates(result.draws)
        frame = measures_frame(
            result.ledger, result.cash, result.factors, None, result.cash_with_chance, replicates
        )
        rows = frame[(frame["agency"] == "all") & (frame["measure"] == "npv_fiscal")]
        assert rows["mc_error"].iloc[0] == pytest.approx(float(replicate_error(result.npv("support"), 5)))

    def test_a_summary_tells_the_same_for_any_chunk(self, result: Appraisal, case: Case) -> None:
        kept = measures_frame(
            result.ledger, result.cash, result.factors, None, result.cash_with_chance, 5
        ).set_index(["option", "agency", "measure"])
        streamed = summarise(case, draws=4_300, seed=2)
        found = streamed.to_frame().set_index(["option", "agency", "measure"])
        rows = [name for name in kept.index if not name[2].startswith("worst")]
        for column in ("mean", "mc_error", "mc_error_with_chance"):
            np.testing.assert_allclose(
                found.loc[rows, column].to_numpy(float),
                kept.loc[rows, column].to_numpy(float),
                rtol=1e-6,
                atol=1e-9,
            )
        assert summarise(case, draws=4_300, seed=2, chunk=8_000) == streamed


class TestCorrelations:
    def test_ranks_are_those_asked_for_and_others_stay(self, plain: Model, prices: list[str]) -> None:
        model = model_of(correlations=[pair(*prices[:2], 0.7)])
        before, after = plain.draw(4_000, 1), model.draw(4_000, 1)
        found = stats.spearmanr(after[prices[0]], after[prices[1]]).statistic
        assert found == pytest.approx(0.7, abs=4 / np.sqrt(4_000))
        for key in before.columns:
            if key != prices[1]:
                assert_array_equal(before[key], after[key])

    def test_the_model_names_what_is_correlated(self, plain: Model, prices: list[str]) -> None:
        assert plain.correlated_names() == ()
        model = model_of(correlations=[pair(prices[1], prices[0])])
        assert set(model.correlated_names()) == set(prices[:2])
        assert model.correlation is not None

    def test_rows_of_one_level_go_together_with_the_other(self) -> None:
        levels = model_of().inputs.levels
        band = next(key for key in levels if key.startswith("transition."))
        model = model_of(correlations=[pair(band, COST, -0.8)])
        drawn = model.draw(2_000, 1)
        assert stats.spearmanr(drawn[band], drawn[COST]).statistic < -0.7
        together = {key for key, level in levels.items() if level == levels[band]}
        assert together | {COST} <= set(model.correlated_names()) | {levels[band]}

    def test_streams_from_outside_are_correlated_too(self, prices: list[str]) -> None:
        model = model_of(correlations=[pair(*prices[:2], 0.9)])
        names = model.stream_names()
        given = GivenStreams({name: np.random.default_rng(i).random(500) for i, name in enumerate(names)})
        drawn = model.draw(500, 1, given)
        assert stats.spearmanr(drawn[prices[0]], drawn[prices[1]]).statistic > 0.8

    def test_they_are_printed_with_source_and_what_had_to_change(self, prices: list[str]) -> None:
        a, b, c = prices[:3]
        data = {**lean_case(), "correlations": [pair(a, b, 0.9), pair(b, c, 0.9), pair(a, c, -0.5)]}
        result = appraise(Case.from_dict(data), draws=40, seed=1)
        (sentence,) = [text for text in result.conventions if "Gaussian copula" in text]
        assert "0.9 (an example; local)" in sentence
        assert any("cannot all hold together" in text for text in cautions_of(result.model, result.ledger))

    def test_every_fault_of_the_set_is_told_at_once(self, prices: list[str]) -> None:
        a, b = prices[:2]
        wrong = [
            pair(a, a),
            pair(a, b),
            pair(b, a),
            pair("unit_cost.residential_home_weak", a),
            pair(a, b, 1.4),
        ]
        with pytest.raises(CaseFileError) as error:
            model_of(correlations=wrong[:4])
        text = str(error.value)
        assert "goes with itself entirely" in text
        assert "are there twice" in text
        assert "did you mean 'unit_cost.residential_home_week" in text
        assert len(error.value.faults) == 3
        with pytest.raises(CaseFileError, match="at most 1"):
            model_of(correlations=[pair(a, b, 1.4)])

    def test_what_cannot_be_correlated_is_said_with_why(self, plain: Model) -> None:
        inputs = plain.inputs
        share = inputs.start_rows[0].keys[0]
        known = next(
            k for k, p in inputs.used.items() if p.uncertainty.is_fixed and k not in inputs.not_sampled
        )
        first, second = _two_of_a_level(plain)
        with pytest.raises(CaseFileError) as error:
            model_of(
                correlations=[
                    pair(COST, share),
                    pair(COST, known),
                    pair(COST, "no_effect.tfp"),
                    pair(COST, "case.delivery.local_authority.suport"),
                    pair(first, second),
                ]
            )
        text = str(error.value)
        assert "share of a start mix" in text
        assert f"'{known}' is taken as known" in text
        assert "weight on no effect at all" in text
        assert "did you mean 'case.delivery.local_authority.support'" in text
        assert "one unknown seen twice" in text
        assert len(error.value.faults) == 5


def _two_of_a_level(model: Model) -> tuple[str, str]:
    by_level: dict[str, list[str]] = {}
    for key in model.inputs.used:
        by_level.setdefault(model.inputs.levels.get(key, key), []).append(key)
    first, second, *_ = next(keys for keys in by_level.values() if len(keys) > 1)
    return first, second


class TestDrawsFile:
    @pytest.fixture
    def write(self, tmp_path: Path, prices: list[str]) -> Callable[..., Case]:
        def written(columns: dict[str, np.ndarray], **keys: Any) -> Case:
            lines = [
                ",".join(columns),
                *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True)),
            ]
            (tmp_path / "draws.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
            return Case.from_dict({**lean_case(), "draws_file": "draws.csv", **keys}, tmp_path)

        return written

    numbers = np.linspace(100, 900, 200).round(2)

    def test_rows_are_drawn_together_in_place_of_the_case_s_own(
        self, write: Callable[..., Case], prices: list[str], plain: Model
    ) -> None:
        model = prepare(write({prices[0]: self.numbers, COST: 2 * self.numbers}))
        drawn = model.draw(300, 1)
        assert_array_equal(drawn[COST], 2 * drawn[prices[0]])
        assert set(drawn[prices[0]]) <= set(self.numbers)
        assert_array_equal(drawn[prices[1]], plain.draw(300, 1)[prices[1]])
        assert set(model.correlated_names()) == {prices[0], COST}
        assert model.inputs.used[COST].uncertainty.kind == "empirical"
        pieces = np.concatenate([piece[COST] for piece in model.pieces(300, 1, 128)])
        assert_array_equal(pieces, drawn[COST])

    def test_it_is_said_and_few_rows_are_a_caution(
        self, write: Callable[..., Case], prices: list[str]
    ) -> None:
        result = appraise(write({prices[0]: self.numbers}), draws=40, seed=1)
        assert any("200 rows of draws.csv" in text for text in result.conventions)
        assert any("do not make its tails surer" in text for text in result.cautions)

    def test_a_known_number_can_be_given_draws(self, write: Callable[..., Case]) -> None:
        data = lean_case()
        data["options"][0]["delivery"][0]["per_family"] = 2000
        model = prepare(write({COST: self.numbers}, options=data["options"]))
        assert len(set(model.draw(50, 1)[COST])) > 10
        assert model.correlated_names() == ()

    def test_every_fault_of_the_file_at_once(self, write: Callable[..., Case], prices: list[str]) -> None:
        wrong = self.numbers.copy()
        wrong[3] = -1
        with pytest.raises(CaseFileError) as error:
            write({prices[0]: wrong, "unit_cost.residential_home_weak": self.numbers})
        lines = str(error.value).splitlines()
        assert lines[0].startswith("draws.csv:1:2 unit_cost.residential_home_weak: is no number of the set")
        assert lines[1].startswith(f"draws.csv:5:1 {prices[0]}: -1 is not possible (1 of 200 rows)")

    def test_a_number_that_the_case_does_not_have(self, write: Callable[..., Case], plain: Model) -> None:
        share = plain.inputs.start_rows[0].keys[0]
        case = write({"case.delivery.local_authority.suport": self.numbers, share: self.numbers / 1000})
        with pytest.raises(CaseFileError) as error:
            prepare(case)
        assert "did you mean 'case.delivery.local_authority.support'" in str(error.value)
        assert "drawn together and sum to 1" in str(error.value)

    def test_a_column_that_is_not_used_is_a_caution(self, write: Callable[..., Case], plain: Model) -> None:
        idle = next(p.id for p in plain.parameters.table("unit_cost") if p.id not in plain.inputs.used)
        result = appraise(write({idle: self.numbers}), draws=40, seed=1)
        assert any(f"since this case does not use them: {idle}." in text for text in result.cautions)
        assert result.model.correlated_names() == ()

    def test_a_column_of_the_file_is_not_correlated_again(
        self, write: Callable[..., Case], prices: list[str]
    ) -> None:
        with pytest.raises(CaseFileError, match=r"drawn from draws\.csv, row by row"):
            prepare(write({prices[0]: self.numbers}, correlations=[pair(*prices[:2])]))

    def test_no_file_there(self, tmp_path: Path) -> None:
        with pytest.raises(CaseFileError, match=r"draws_file: there is no file 'none\.csv'"):
            Case.from_dict({**lean_case(), "draws_file": "none.csv"}, tmp_path)


def test_every_fault_has_its_line() -> None:
    case = Case.from_dict(lean_case())
    lines = case.to_yaml().splitlines()
    extra = [
        "sampling: {design: sobol, replicates: many}",
        "correlations:",
        "- {between: [a, b], rank: 2, source: x}",
        "- {between: [a], rank: 0.5}",
    ]
    with pytest.raises(CaseFileError) as error:
        Case.from_text("\n".join([*lines, *extra]) + "\n")
    found = {(fault.line, fault.key) for fault in error.value.faults}
    first = len(lines) + 1
    assert (first, "sampling.replicates") in found
    assert (first + 2, "correlations[0].rank") in found
    assert {line for line, _ in found} == {first, first + 2, first + 3}
