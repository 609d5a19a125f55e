#include "analysis/text_analyses.h"

#include "analysis/text_comparison.h"
#include "analysis/text_findings.h"

namespace bv {

const std::vector<TextAnalysis>& TextAnalyses() {
  static const std::vector<TextAnalysis> list = {
      {"classes", "precision, recall and F1 of every class, and what it is taken for", 1, true,
       [](const TextRunSet& set, const AnalysisOptions&) { return ClassesFinding(set); }},
      {"text-length", "whether right predictions, or near ones, are of shorter texts", 1, false,
       [](const TextRunSet& set, const AnalysisOptions&) { return TextLengthFinding(set); }},
      {"compare", "the first run against each other one, row by row", 2, false,
       [](const TextRunSet& set, const AnalysisOptions& options) {
         return TextComparisonFinding(set, options.bootstrap);
       }},
      {"calibration", "whether probabilities of labels can be believed", 1, true,
       [](const TextRunSet& set, const AnalysisOptions& options) {
         return TextCalibrationFinding(set, options.bins);
       }},
      {"risk-coverage", "accuracy where only the surest rows are labelled", 1, true,
       [](const TextRunSet& set, const AnalysisOptions&) { return TextRiskFinding(set); }},
  };
  return list;
}

}  // namespace bv
