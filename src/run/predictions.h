// Predictions of a run in the files that Hugging Face's question-answering example writes: predictions.json
// {id: text}, nbest_predictions.json {id: [{text, probability, start_logit, end_logit}]} and null_odds.json
// {id: null score - best score}. Writing and reading; how answers are found and scored is elsewhere.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "data/squad.h"
#include "decode/span_decoder.h"
#include "metrics/squad_scores.h"

namespace bv {

// answers[i] belongs to data.examples[i]. null_odds.json is written where the data has questions without an
// answer, or with write_null_odds; but never of answers that have no null score.
void WritePredictions(const std::filesystem::path& folder, const QaData& data,
                      std::span<const DecodedAnswer> answers, bool write_null_odds = false);

// The readers check every value's type. Errors (kData) name the file and the question; questions of `data`
// that the file does not answer are an error with their count and the first ids, ids that are not in the data
// a warning, an id that stands twice an error.
Predictions ReadPredictions(const std::filesystem::path& file, const QaData& data);
NullOdds ReadNullOdds(const std::filesystem::path& file, const QaData& data);  // in the file's order

using NBest = std::unordered_map<std::string, std::vector<SpanCandidate>>;
// Candidates without their place in the context (begin = end = 0): the format does not hold it.
NBest ReadNBest(const std::filesystem::path& file, const QaData& data);

}  // namespace bv
