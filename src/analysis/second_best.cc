#include "analysis/second_best.h"

#include <algorithm>

namespace bv {
namespace {

constexpr float kOut = -1000;

void TakeOutTop(std::vector<float>* logits, int64_t begin, int64_t end) {
  *std::max_element(logits->begin() + begin, logits->begin() + end) = kOut;
}

double Percent(int64_t part, int64_t whole) {
  return 100 * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

SpanLogits WithoutTop(const SpanLogits& logits) {
  SpanLogits second = logits;
  for (size_t w = 0; w + 1 < second.offsets.size(); ++w) {
    TakeOutTop(&second.start, second.offsets[w], second.offsets[w + 1]);
    TakeOutTop(&second.end, second.offsets[w], second.offsets[w + 1]);
  }
  return second;
}

SecondBest FindSecondBest(const RunSet& set, const AnalysedRun& run) {
  AnalysedRun second = {run.name, run.folder, WithoutTop(run.logits), run.decode, {}, {}};
  DecodeRun(set, &second);
  const std::vector<bool> first_right = RightAnswers(run), second_right = RightAnswers(second);
  SecondBest result;
  result.questions = static_cast<int64_t>(first_right.size());
  for (size_t i = 0; i < first_right.size(); ++i) {
    if (first_right[i]) continue;
    ++result.wrong;
    if (!second_right[i]) continue;
    ++result.rescued;
    result.rescued_answerable += set.data.examples[i].answers.empty() ? 0 : 1;
  }
  result.alone_exact = ScoresOf(second).all.exact;
  result.alone_f1 = ScoresOf(second).all.f1;
  return result;
}

Finding SecondBestFinding(const RunSet& set) {
  Finding finding = {"second-best",
                     "Second-best answers: how many of the wrong first answers they would put right",
                     Table({{"run", Align::kLeft},
                            {"wrong"},
                            {"2nd right"},
                            {"% of wrong"},
                            {"of these answerable"},
                            {"1st or 2nd EM"},
                            {"2nd alone EM"},
                            {"2nd alone F1"}}),
                     OrderedJson::array()};
  for (const AnalysedRun& run : set.runs) {
    const SecondBest found = FindSecondBest(set, run);
    const double either = Percent(found.questions - found.wrong + found.rescued, found.questions);
    finding.table.AddRow({run.name, found.wrong, found.rescued,
                          found.wrong > 0 ? Cell(Percent(found.rescued, found.wrong)) : Cell(),
                          found.rescued_answerable, either, found.alone_exact, found.alone_f1});
    finding.json.push_back({{"run", run.name},
                            {"questions", found.questions},
                            {"wrong", found.wrong},
                            {"second_right", found.rescued},
                            {"second_right_answerable", found.rescued_answerable},
                            {"either_exact", either},
                            {"second_exact", found.alone_exact},
                            {"second_f1", found.alone_f1}});
  }
  return finding;
}

}  // namespace bv
