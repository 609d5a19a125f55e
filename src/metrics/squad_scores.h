// The official scores of SQuAD 1.1 and 2.0, to the last digit of the published scripts: exact match and
// token F1 against the best of the gold answers, apart for questions with and without an answer, and the null
// thresholds that would have been best. What predicts and what writes files is elsewhere. Pure functions:
// safe from any thread.
//
// Where the published scripts leave a choice: a question without a prediction is an error here (they print a
// line and leave it out, count it as wrong, or fail); predictions of unknown questions are ignored. Sums are
// plain sums in the order of the data (Python from 3.12 on compensates rounding in sum(), which can change
// the sixteenth digit).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/json.h"
#include "data/squad.h"

namespace bv {

// Answer texts by question id; "" says that there is no answer.
using Predictions = std::unordered_map<std::string, std::string>;
// Null score minus best score by question id, in the order of the null odds file: among equal odds that order
// decides where best_*_thresh falls.
using NullOdds = std::vector<std::pair<std::string, double>>;

// Scores in percent.
struct SquadGroup {
  double exact = 0;
  double f1 = 0;
  int64_t total = 0;
};

// Thresholds over all values in the null odds; scores in percent.
struct SquadBest {
  double exact = 0;
  double exact_threshold = 0;
  double f1 = 0;
  double f1_threshold = 0;
};

struct SquadScores {
  bool version2 = false;  // the data has questions without an answer
  SquadGroup all;
  std::optional<SquadGroup> has_answer;  // version 2 only; absent where there are no such questions
  std::optional<SquadGroup> no_answer;
  std::optional<SquadBest> best;  // version 2 with null odds only
  // By question in the order of the data, 0..1, after the null threshold: what intervals are made from.
  std::vector<double> exact_values;
  std::vector<double> f1_values;
};

// The threshold of the official script where none is given.
inline constexpr double kOfficialNullThreshold = 1.0;

// Scores as SQuAD 2.0 if data.has_impossible, else as SQuAD 1.1, where null_odds is not looked at. With
// null_odds a question whose value is above null_threshold, strictly, counts as predicted unanswerable, and
// best_* are found from the predictions as given; so give the best non-empty answers if the whole range is to
// be searched. Errors: kData for data without gold answers, for missing predictions or null odds (the count
// and the first ids) and for null odds that are not numbers.
SquadScores ScoreSquad(const QaData& data, const Predictions& predictions,
                       const NullOdds* null_odds = nullptr, double null_threshold = kOfficialNullThreshold);

// The official scripts' keys in their order: exact_match and f1, or exact, f1, total, HasAns_*, NoAns_*,
// best_*.
OrderedJson OfficialJson(const SquadScores& scores);

// Exact match and F1 (0 or 1; 0..1) of one prediction against one gold answer. In version 2 two answers that
// both normalise to nothing have F1 1; the script of version 1.1 gives 0.
double AnswerExact(const std::string& gold, const std::string& prediction);
double AnswerF1(const std::string& gold, const std::string& prediction, bool version2);

}  // namespace bv
