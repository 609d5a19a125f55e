#include "analysis/text_comparison.h"

#include "base/error.h"
#include "base/json_number.h"
#include "base/strings.h"

namespace bv {
namespace {

std::string Shown(const Interval& interval) {
  return Cat(Fixed(interval.low, 4), " to ", Fixed(interval.high, 4));
}

std::vector<Column> Columns(const TextRunSet& set) {
  std::vector<Column> columns = {{"run", Align::kLeft}};
  if (set.of_classes()) {
    for (const char* title : {"both right", "only this", "only first", "both wrong"})
      columns.push_back({title});
    for (const char* title : {"p exact", "p chi2"}) columns.push_back({title, Align::kRight, 4});
  }
  for (const auto& [name, value] : set.runs[0].scores) {
    columns.push_back({name, Align::kRight, 4});
    columns.push_back({name + " interval"});
  }
  return columns;
}

}  // namespace

TextComparison CompareTextRuns(const TextRunSet& set, const AnalysedTextRun& a, const AnalysedTextRun& b,
                               const BootstrapOptions& bootstrap) {
  TextComparison result;
  if (set.of_classes()) {
    const std::vector<double> of_a = RightRows(set, a), of_b = RightRows(set, b);
    for (size_t i = 0; i < of_a.size(); ++i) {
      result.both_right += of_a[i] == 1 && of_b[i] == 1 ? 1 : 0;
      result.both_wrong += of_a[i] == 0 && of_b[i] == 0 ? 1 : 0;
    }
    result.mcnemar = McNemar(of_a, of_b);
  }
  for (const auto& [metric, value] : b.scores) {
    result.differences.push_back(
        {metric, value - ScoreOf(a, metric), DifferenceInterval(set, a, b, metric, bootstrap)});
  }
  return result;
}

OrderedJson TextComparisonJson(const TextComparison& comparison) {
  OrderedJson json = OrderedJson::object();
  if (comparison.mcnemar) {
    json = {{"both_right", comparison.both_right},
            {"only_this_right", comparison.mcnemar->only_second},
            {"only_other_right", comparison.mcnemar->only_first},
            {"both_wrong", comparison.both_wrong},
            {"mcnemar_exact_p", comparison.mcnemar->exact_p},
            {"mcnemar_chi_square", NumberOrNull(comparison.mcnemar->chi_square)},
            {"mcnemar_chi_square_p", NumberOrNull(comparison.mcnemar->chi_square_p)}};
  }
  for (const auto& one : comparison.differences) {
    json[one.metric + "_difference"] = NumberOrNull(one.value);
    json[one.metric + "_interval"] = {NumberOrNull(one.interval.low), NumberOrNull(one.interval.high)};
  }
  return json;
}

Finding TextComparisonFinding(const TextRunSet& set, const BootstrapOptions& bootstrap) {
  if (set.runs.size() < 2) throw Error(ErrorKind::kUsage, "compare needs at least two runs");
  const AnalysedTextRun& first = set.runs[0];
  Finding finding = {"compare",
                     Cat("Each run minus ", first.name, ": ",
                         set.of_classes() ? "rows only one has right, McNemar's p, " : "",
                         "differences with 95 % intervals"),
                     Table(Columns(set)), OrderedJson::array()};
  for (size_t i = 1; i < set.runs.size(); ++i) {
    const TextComparison c = CompareTextRuns(set, first, set.runs[i], bootstrap);
    std::vector<Cell> cells = {set.runs[i].name};
    if (c.mcnemar) {
      for (const int64_t count : {c.both_right, c.mcnemar->only_second, c.mcnemar->only_first, c.both_wrong})
        cells.emplace_back(count);
      cells.emplace_back(c.mcnemar->exact_p);
      cells.emplace_back(c.mcnemar->chi_square_p);
    }
    for (const auto& one : c.differences) {
      cells.emplace_back(one.value);
      cells.emplace_back(Shown(one.interval));
    }
    finding.table.AddRow(std::move(cells));
    OrderedJson json = {{"run", set.runs[i].name}, {"compared_with", first.name}};
    json.update(TextComparisonJson(c));
    finding.json.push_back(std::move(json));
  }
  return finding;
}

}  // namespace bv
