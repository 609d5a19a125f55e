#include "analysis/analyses.h"

#include "analysis/answer_classes.h"
#include "analysis/comparison.h"
#include "analysis/confidence.h"
#include "analysis/context_length.h"
#include "analysis/second_best.h"

namespace bv {

const std::vector<Analysis>& Analyses() {
  static const std::vector<Analysis> list = {
      {"has-no-answer", "right answers to questions with and without an answer, and empty ones", 1,
       [](const RunSet& set, const AnalysisOptions&) { return AnswerClassesFinding(set); }},
      {"second-best", "how often the second answer is right where the first is wrong", 1,
       [](const RunSet& set, const AnalysisOptions&) { return SecondBestFinding(set); }},
      {"context-length", "whether right answers come from shorter contexts", 1,
       [](const RunSet& set, const AnalysisOptions&) { return ContextLengthFinding(set); }},
      {"compare", "the first run against each other one, question by question", 2,
       [](const RunSet& set, const AnalysisOptions& options) {
         return ComparisonFinding(set, options.bootstrap);
       }},
      {"calibration", "whether probabilities of answers can be believed", 1,
       [](const RunSet& set, const AnalysisOptions& options) {
         return CalibrationFinding(set, options.bins);
       }},
      {"risk-coverage", "scores where only the surest questions are answered", 1,
       [](const RunSet& set, const AnalysisOptions&) { return RiskCoverageFinding(set); }},
  };
  return list;
}

}  // namespace bv
