// The scores of predictions by the metrics of their task: those of GLUE for its tasks, sensible ones for all
// others but spans (squad_scores.h). They know no model. Pure functions: safe from any thread.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "data/task.h"

namespace bv {

// Of a task other than spans; what ScorePredictions gives, in its order.
std::vector<std::string> MetricNames(const Task& task);

// The class or value that an example is labelled with; of questions 1 for those without an answer.
double GoldValue(const TaskExamples& examples, int64_t example);

// One of those scores, of predictions against golds: classes or values, pairwise. Undefined is NaN. Errors
// (kInternal): columns of different lengths.
double TaskScore(const Task& task, const std::string& metric, std::span<const double> predictions,
                 std::span<const double> golds);

// predictions: a class or a value per example. In order, the task's own first: GLUE's metrics for its tasks;
// accuracy and the F1 of "unanswerable" for answerability; else accuracy and, over two classes, F1 of the
// second and Matthews, over more the macro F1; Pearson, Spearman and mean squared error ("mse") for
// regressions. Shares and correlations, not per cent, as in GLUE's own code. Undefined is NaN. Errors
// (kInternal): another number of predictions than examples.
std::vector<std::pair<std::string, double>> ScorePredictions(const TaskExamples& examples,
                                                             std::span<const double> predictions);

}  // namespace bv
