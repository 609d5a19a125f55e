#include "analysis/comparison.h"

#include "base/error.h"
#include "base/strings.h"

namespace bv {
namespace {

std::vector<double> Minus(const std::vector<double>& b, const std::vector<double>& a) {
  std::vector<double> difference(a.size());
  for (size_t i = 0; i < a.size(); ++i) difference[i] = b[i] - a[i];
  return difference;
}

Interval Percent(const Interval& interval) {
  return {100 * interval.low, 100 * interval.high};
}

std::string Shown(const Interval& interval) {
  return Cat(Fixed(interval.low, 2), " to ", Fixed(interval.high, 2));
}

}  // namespace

Comparison CompareRuns(const AnalysedRun& a, const AnalysedRun& b, const BootstrapOptions& bootstrap) {
  const std::vector<bool> a_right = RightAnswers(a), b_right = RightAnswers(b);
  Comparison result;
  int64_t only_a = 0, only_b = 0;
  for (size_t i = 0; i < a_right.size(); ++i) {
    if (a_right[i] == b_right[i]) {
      ++(a_right[i] ? result.both_right : result.both_wrong);
    } else {
      ++(a_right[i] ? only_a : only_b);
    }
  }
  result.mcnemar = McNemar(only_a, only_b);
  const SquadScores &of_a = ScoresOf(a), &of_b = ScoresOf(b);
  result.exact = of_b.all.exact - of_a.all.exact;
  result.f1 = of_b.all.f1 - of_a.all.f1;
  const std::vector<double> exact = Minus(of_b.exact_values, of_a.exact_values);
  const std::vector<double> f1 = Minus(of_b.f1_values, of_a.f1_values);
  const std::vector<Interval> intervals = BootstrapMeans({exact, f1}, bootstrap);
  result.exact_interval = Percent(intervals[0]);
  result.f1_interval = Percent(intervals[1]);
  return result;
}

Finding ComparisonFinding(const RunSet& set, const BootstrapOptions& bootstrap) {
  if (set.runs.size() < 2) throw Error(ErrorKind::kUsage, "compare needs at least two runs");
  const AnalysedRun& first = set.runs[0];
  Finding finding = {"compare",
                     Cat("Each run minus ", first.name,
                         ": questions only one has right, McNemar's p, differences with 95 % intervals"),
                     Table({{"run", Align::kLeft},
                            {"both right"},
                            {"only this"},
                            {"only first"},
                            {"both wrong"},
                            {"p exact", Align::kRight, 4},
                            {"p chi2", Align::kRight, 4},
                            {"EM"},
                            {"EM interval"},
                            {"F1"},
                            {"F1 interval"}}),
                     OrderedJson::array()};
  for (size_t i = 1; i < set.runs.size(); ++i) {
    const Comparison c = CompareRuns(first, set.runs[i], bootstrap);
    finding.table.AddRow({set.runs[i].name, c.both_right, c.mcnemar.only_second, c.mcnemar.only_first,
                          c.both_wrong, c.mcnemar.exact_p, c.mcnemar.chi_square_p, c.exact,
                          Shown(c.exact_interval), c.f1, Shown(c.f1_interval)});
    finding.json.push_back({{"run", set.runs[i].name},
                            {"compared_with", first.name},
                            {"both_right", c.both_right},
                            {"only_this_right", c.mcnemar.only_second},
                            {"only_other_right", c.mcnemar.only_first},
                            {"both_wrong", c.both_wrong},
                            {"mcnemar_exact_p", c.mcnemar.exact_p},
                            {"mcnemar_chi_square", c.mcnemar.chi_square},
                            {"mcnemar_chi_square_p", c.mcnemar.chi_square_p},
                            {"exact_difference", c.exact},
                            {"exact_interval", {c.exact_interval.low, c.exact_interval.high}},
                            {"f1_difference", c.f1},
                            {"f1_interval", {c.f1_interval.low, c.f1_interval.high}}});
  }
  return finding;
}

}  // namespace bv
