// The study's own scores (spec section G, TF/paper path): exact match and F1 over WordPieces, without the
// official normalisation of answers. They are not comparable to official scores (squad_scores.h). Pure
// functions: safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "data/squad.h"
#include "metrics/squad_scores.h"
#include "text/tokenizer.h"

namespace bv {

// 0 or 1; 0..1: of one prediction against one gold answer, both as pieces. Two empty ones have F1 1, an empty
// and a filled one 0.
double PieceExact(std::span<const int32_t> gold, std::span<const int32_t> predicted);
double PieceF1(std::span<const int32_t> gold, std::span<const int32_t> predicted);

// Scores in percent, as in SquadScores.
struct PieceScores {
  SquadGroup all;
  std::optional<SquadGroup> has_answer;  // absent where there are no such questions
  std::optional<SquadGroup> no_answer;
  std::vector<double> exact_values;  // by question in the order of the data, 0..1
  std::vector<double> f1_values;
};

// "piece_exact", "piece_f1", HasAns_* and NoAns_* of them: keys of results files.
std::vector<std::pair<std::string, double>> PieceMetrics(const PieceScores& scores);

// predicted: the pieces of one answer per example; empty: there is no answer. Gold answers are tokenized, and
// the best of them counts; where a question has none, both scores are 1 for no answer and else 0. Errors:
// kData for data without gold answers; kInternal for another number of predictions than examples.
PieceScores ScorePieces(const QaData& data, const Tokenizer& tokenizer,
                        const std::vector<std::vector<int32_t>>& predicted);

}  // namespace bv
