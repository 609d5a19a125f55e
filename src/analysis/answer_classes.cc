#include "analysis/answer_classes.h"

namespace bv {
namespace {

Cell Share(int64_t part, int64_t whole) {
  if (whole == 0) return {};
  return 100 * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

AnswerClasses CountAnswerClasses(const RunSet& set, const AnalysedRun& run) {
  AnswerClasses classes;
  const SquadScores& scores = ScoresOf(run);
  for (size_t i = 0; i < set.data.examples.size(); ++i) {
    const bool right = scores.exact_values[i] == 1;
    if (set.data.examples[i].answers.empty()) {
      ++classes.unanswerable;
      classes.unanswerable_right += right ? 1 : 0;
      continue;
    }
    ++classes.answerable;
    if (right) {
      ++classes.answerable_right;
    } else if (run.answers[i].text.empty()) {
      ++classes.answerable_empty;
    } else if (scores.f1_values[i] > 0) {
      ++classes.answerable_partial;
    }
  }
  return classes;
}

Finding AnswerClassesFinding(const RunSet& set) {
  Finding finding = {
      "has-no-answer",
      "Questions with and without an answer: right ones, and of the wrong answerable ones those "
      "predicted empty and those with some right words",
      Table({{"run", Align::kLeft},
             {"HasAns right"},
             {"of"},
             {"%"},
             {"wrong"},
             {"empty"},
             {"% empty"},
             {"partial"},
             {"NoAns right"},
             {"of"},
             {"%"}}),
      OrderedJson::array()};
  for (const AnalysedRun& run : set.runs) {
    const AnswerClasses c = CountAnswerClasses(set, run);
    const int64_t wrong = c.answerable - c.answerable_right;
    finding.table.AddRow({run.name, c.answerable_right, c.answerable, Share(c.answerable_right, c.answerable),
                          wrong, c.answerable_empty, Share(c.answerable_empty, wrong), c.answerable_partial,
                          c.unanswerable_right, c.unanswerable, Share(c.unanswerable_right, c.unanswerable)});
    finding.json.push_back({{"run", run.name},
                            {"answerable", c.answerable},
                            {"answerable_right", c.answerable_right},
                            {"answerable_wrong_empty", c.answerable_empty},
                            {"answerable_wrong_partial", c.answerable_partial},
                            {"unanswerable", c.unanswerable},
                            {"unanswerable_right", c.unanswerable_right}});
  }
  return finding;
}

}  // namespace bv
