# SPDX-License-Identifier: Apache-2.0
"""What tools/bench makes of numbers: medians, ratios within a round, verdicts,
a table and a picture.  And the requests that it sends."""
import json
import os
import sys
import unittest
import xml.dom.minidom

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["SOURCE"], "tools", "benchmark", "runner"))
import bodies
import figures
import picture
import report
import upgrades


def rounds(gatehouse, nginx):
    """Rounds of the figure `small` alone."""
    return [{"small": {"gatehouse": {"cpu": ours}, "nginx": {"cpu": theirs}}}
            for ours, theirs in zip(gatehouse, nginx)]


def row(*values):
    return report.Row("small", figures.FIGURES["small"], rounds(*values), "gatehouse")


class ReportTest(unittest.TestCase):
    def test_the_ratio_is_the_median_of_ratios_within_rounds_not_that_of_medians(self):
        self.assertEqual(str(row([10, 30, 12], [10, 10, 4]).ratio), "3 (1–3)")

    def test_a_figure_reaches_its_aim_or_its_must_or_misses(self):
        self.assertEqual([row([value], [10]).verdict for value in (12, 20, 21)], ["aim", "must", "misses"])

    def test_a_gateway_that_failed_in_a_round_is_judged_by_the_others(self):
        some = rounds([15, 25], [10, 10])
        del some[1]["small"]["gatehouse"]
        self.assertEqual(report.Row("small", figures.FIGURES["small"], some, "gatehouse").ratio.median, 1.5)

    def test_a_figure_that_was_not_measured_is_no_row(self):
        self.assertEqual([one.key for one in report.rows(rounds([1], [1]), "gatehouse")], ["small"])

    def test_a_ratio_to_nothing_is_no_ratio(self):
        self.assertEqual((row([1], [-1]).ratio, row([1], [-1]).verdict), (None, ""))

    def test_numbers_have_three_digits_that_mean_something(self):
        self.assertEqual([report.digits(one) for one in (0.123, 12.34, 1234.5, 0, 3.0)],
                         ["0.12", "12.3", "1,234", "0", "3"])

    def test_the_table_has_a_cell_for_each_heading(self):
        for made in (report.table, report.short_table):
            lines = made(rounds([1], [2]), "gatehouse").splitlines()
            self.assertEqual((len(lines), len({line.count("|") for line in lines})), (3, 1))

    def test_the_readme_has_five_figures_that_have_a_limit(self):
        self.assertEqual(len(report.CHOSEN), 5)
        for key in report.CHOSEN:
            self.assertIsNotNone(figures.FIGURES[key].must, key)

    def test_the_readme_leaves_out_other_figures(self):
        some = rounds([1], [2])
        some[0]["image"] = some[0]["small"]
        self.assertIn(figures.FIGURES["image"].title, report.table(some, "gatehouse"))
        self.assertNotIn(figures.FIGURES["image"].title, report.short_table(some, "gatehouse"))

    def test_the_picture_is_xml_and_shows_what_has_a_limit(self):
        drawn = picture.draw(report.rows(rounds([30], [10]), "gatehouse"), "A & B", report.digits)
        texts = xml.dom.minidom.parseString(drawn).getElementsByTagName("text")
        words = [text.firstChild.data for text in texts]
        self.assertIn("3 × nginx", words)
        self.assertNotIn(figures.FIGURES["agent"].title, words)

    def test_each_figure_names_measurements_that_exist(self):
        for key, figure in figures.FIGURES.items():
            self.assertTrue(set(figure.needs) <= set(figures.MEASUREMENTS), key)
            self.assertEqual(figure.must is None, figure.aim is None, key)


class BodiesTest(unittest.TestCase):
    def test_requests_have_the_sizes_that_the_figures_name(self):
        self.assertEqual(len(bodies.small()), 300)
        self.assertAlmostEqual(len(bodies.agent()), 61_000, delta=10)
        self.assertAlmostEqual(len(bodies.image()), 1_000_000, delta=1000)

    def test_the_agents_request_has_12_tools(self):
        self.assertEqual(len(json.loads(bodies.agent())["tools"]), 12)

    def test_requests_are_the_same_each_time(self):
        self.assertEqual((bodies.agent(), bodies.image()), (bodies.agent(), bodies.image()))


class UpgradesTest(unittest.TestCase):
    def test_each_stream_has_a_connection_of_its_own(self):
        head, body = bodies.http(upgrades.Closing(bodies.small(stream=True)), 1).split(b"\r\n\r\n", 1)
        self.assertIn(b"\r\nconnection: close\r\n", head)
        self.assertTrue(json.loads(body)["stream"])

    def test_a_result_names_the_latest_event(self):
        result = {"requests": 2, "texts": 40, "transit_us": {"p50": 1000.0, "p99": 2500.0, "max": 150000.0}, "gap_us": {"max": 1100000.0}}
        self.assertEqual(upgrades.shown(result), "2 streams ended, 40 events; delay of an event p50 1.0 ms, p99 2.5 ms, most 150.0 ms; "
                         "longest gap 1100 ms of 1000 ms")


unittest.main()
