#include "cli/ensemble_report.h"

#include "base/strings.h"

namespace bv::cli {
namespace {

Cell GroupCell(const std::optional<SquadGroup>& group, double SquadGroup::*score) {
  return group ? Cell((*group).*score) : Cell();
}

void AddScores(const std::string& name, const AnalysedRun& run, Cell weight, Table* table) {
  const SquadScores& scores = ScoresOf(run);
  table->AddRow({name, std::move(weight), scores.all.exact, scores.all.f1,
                 GroupCell(scores.has_answer, &SquadGroup::exact),
                 GroupCell(scores.has_answer, &SquadGroup::f1), GroupCell(scores.no_answer, &SquadGroup::f1),
                 scores.best ? Cell(scores.best->f1) : Cell()});
}

std::string ScoreTable(const EnsembleReport& report) {
  Table table({{"system", Align::kLeft},
               {"weight", Align::kRight, 3},
               {"EM"},
               {"F1"},
               {"HasAns EM"},
               {"HasAns F1"},
               {"NoAns"},
               {"best F1"}});
  for (size_t i = 0; i < report.set->runs.size(); ++i) {
    Cell weight;
    if (!report.weights.empty()) weight = report.weights[i];
    AddScores(report.set->runs[i].name, report.set->runs[i], weight, &table);
  }
  table.AddRule();
  AddScores(report.ensemble->name, *report.ensemble, Cell(), &table);
  return table.Print(TableFormat::kText);
}

std::string DifferenceLine(const EnsembleReport& report) {
  const Comparison& c = *report.difference;
  const auto part = [](const char* name, double value, const Interval& interval) {
    return Cat(name, " ", value > 0 ? "+" : "", Fixed(value, 2), " (", Fixed(interval.low, 2), " to ",
               Fixed(interval.high, 2), ")");
  };
  return Cat("\nensemble minus ", report.set->runs[report.best].name, ": ",
             part("EM", c.exact, c.exact_interval), ", ", part("F1", c.f1, c.f1_interval),
             "; only the ensemble has ", c.mcnemar.only_second, " right, only the other ",
             c.mcnemar.only_first, " (McNemar p = ", Fixed(c.mcnemar.exact_p, 4), ")\n");
}

std::string OutOfSampleTable(const std::vector<OutOfSampleScores>& all) {
  Table table({{"out of sample", Align::kLeft},
               {"EM"},
               {"F1"},
               {"half 1 F1"},
               {"half 2 F1"},
               {"threshold 1"},
               {"threshold 2"}});
  for (const OutOfSampleScores& scores : all) {
    table.AddRow({scores.name, scores.exact, scores.f1, scores.halves[0].f1, scores.halves[1].f1,
                  scores.halves[0].threshold, scores.halves[1].threshold});
  }
  return "\n" + table.Print(TableFormat::kText) +
         "Each half is judged with the threshold (and the weights) that are best on the other half.\n";
}

OrderedJson SystemJson(const AnalysedRun& run) {
  OrderedJson json = {{"name", run.name}, {"run", run.folder.string()}};
  if (run.scores) json.update(OfficialJson(*run.scores));
  return json;
}

}  // namespace

std::string EnsembleText(const EnsembleReport& report) {
  if (!report.ensemble->scores)
    return Cat(report.ensemble->answers.size(), " answers; the data has no gold answers\n");
  std::string text = ScoreTable(report);
  if (report.difference) text += DifferenceLine(report);
  if (!report.out_of_sample.empty()) text += OutOfSampleTable(report.out_of_sample);
  return text;
}

OrderedJson OutOfSampleJson(const std::vector<OutOfSampleScores>& all) {
  OrderedJson list = OrderedJson::array();
  for (const OutOfSampleScores& scores : all) {
    OrderedJson halves = OrderedJson::array();
    for (const FittedHalf& half : scores.halves) {
      OrderedJson one = {{"questions", half.questions},
                         {"threshold", half.threshold},
                         {"exact", half.exact},
                         {"f1", half.f1}};
      if (!half.weights.empty()) one["weights"] = half.weights;
      halves.push_back(std::move(one));
    }
    list.push_back({{"name", scores.name}, {"exact", scores.exact}, {"f1", scores.f1}, {"halves", halves}});
  }
  return list;
}

OrderedJson EnsembleJson(const EnsembleReport& report) {
  OrderedJson json = {{"mode", report.mode}};
  if (!report.weights.empty()) json["weights"] = report.weights;
  json["ensemble"] = SystemJson(*report.ensemble);
  json["runs"] = OrderedJson::array();
  for (const AnalysedRun& run : report.set->runs) json["runs"].push_back(SystemJson(run));
  if (report.difference) {
    const Comparison& c = *report.difference;
    json["difference"] = {{"to", report.set->runs[report.best].name},
                          {"exact", c.exact},
                          {"exact_interval", {c.exact_interval.low, c.exact_interval.high}},
                          {"f1", c.f1},
                          {"f1_interval", {c.f1_interval.low, c.f1_interval.high}},
                          {"mcnemar_exact_p", c.mcnemar.exact_p}};
  }
  if (!report.out_of_sample.empty()) json["out_of_sample"] = OutOfSampleJson(report.out_of_sample);
  return json;
}

}  // namespace bv::cli
