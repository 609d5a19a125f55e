// What runs of texts get right and wrong, by class, by how sure they are and by length: the counterparts of
// answer_classes.h, confidence.h and context_length.h. Those that need classes are not for regressions: who
// calls them looks first (TextAnalysis::classes_only). Pure functions.
#pragma once

#include "analysis/finding.h"
#include "analysis/text_run_set.h"
#include "metrics/confusion_matrix.h"

namespace bv {

// Of the labels and the run's predictions.
ConfusionMatrix MatrixOf(const TextRunSet& set, const AnalysedTextRun& run);

// Precision, recall, F1 and count of every class, and what its examples were taken for. Classes only.
Finding ClassesFinding(const TextRunSet& set);

// Whether right predictions are of shorter texts; of regressions, whether values of shorter texts are nearer.
Finding TextLengthFinding(const TextRunSet& set);

// By the probability of the predicted class. Classes only.
Finding TextCalibrationFinding(const TextRunSet& set, int bins);
Finding TextRiskFinding(const TextRunSet& set);

}  // namespace bv
