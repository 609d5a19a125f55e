#include "decode/answer_collector.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"

namespace bv {

AnswerCollector::AnswerCollector(const QaData& data, int64_t systems) : data_(data), systems_(systems) {}

void AnswerCollector::Add(const WindowPlaceInData& place, std::span<const ByteRange> ranges,
                          std::span<const std::span<const float>> logits, std::span<const int32_t> ids) {
  if (place.example < 0 || static_cast<size_t>(place.example) >= data_.examples.size()) {
    throw Error(ErrorKind::kData,
                Cat("window ", place.number, " belongs to question ", place.example, ", the data has ",
                    data_.examples.size(), "; windows and questions come from different files"));
  }
  Entry entry = {place, {ranges.begin(), ranges.end()}, {}, {ids.begin(), ids.end()}};
  const size_t pieces = ranges.size();
  entry.logits.resize(logits.size() * 2 * pieces);
  for (size_t s = 0; s < logits.size(); ++s) {
    if (logits[s].size() != 2 * pieces) {
      throw Error(ErrorKind::kInternal, Cat("window ", place.number, " has ", pieces, " pieces and ",
                                            logits[s].size(), " logits, two a piece are needed"));
    }
    float* starts = entry.logits.data() + s * 2 * pieces;
    for (size_t i = 0; i < pieces; ++i) {
      starts[i] = logits[s][2 * i];
      starts[pieces + i] = logits[s][2 * i + 1];
    }
  }
  entries_.push_back(std::move(entry));
}

SpanLogits AnswerCollector::Logits(int64_t system) const {
  if (system < 0 || system >= systems_) throw Error(ErrorKind::kInternal, Cat("no system ", system));
  std::vector<const Entry*> entries;
  entries.reserve(entries_.size());
  for (const Entry& entry : entries_) entries.push_back(&entry);
  std::sort(entries.begin(), entries.end(),
            [](const Entry* a, const Entry* b) { return a->place.number < b->place.number; });
  SpanLogits logits;
  for (const Entry* entry : entries) {
    const size_t pieces = entry->ranges.size();
    const float* starts = entry->logits.data() + static_cast<size_t>(system) * 2 * pieces;
    logits.start.insert(logits.start.end(), starts, starts + pieces);
    logits.end.insert(logits.end.end(), starts + pieces, starts + 2 * pieces);
    logits.ranges.insert(logits.ranges.end(), entry->ranges.begin(), entry->ranges.end());
    logits.ids.insert(logits.ids.end(), entry->ids.begin(), entry->ids.end());
    logits.offsets.push_back(logits.pieces());
    logits.example.push_back(entry->place.example);
    logits.window.push_back(entry->place.number);
    logits.context.push_back(entry->place.context_begin);
    logits.context.push_back(entry->place.context_end);
  }
  return logits;
}

std::vector<DecodedAnswer> AnswerCollector::Decode(int64_t system, const DecodeOptions& options,
                                                   int threads) const {
  return DecodeSpans(data_, Logits(system), options, threads);
}

SquadScores ScoreAnswers(const QaData& data, const std::vector<DecodedAnswer>& answers,
                         double null_threshold) {
  Predictions best;
  NullOdds odds;
  const bool has_null = std::all_of(answers.begin(), answers.end(),
                                    [](const DecodedAnswer& answer) { return answer.has_null; });
  for (size_t i = 0; i < answers.size(); ++i) {
    const std::string& id = data.examples[i].id;
    // The scorer applies the threshold itself, so that it can also search over all others.
    best[id] = data.has_impossible ? answers[i].best_text : answers[i].text;
    odds.emplace_back(id, answers[i].null_odds);
  }
  return has_null ? ScoreSquad(data, best, &odds, null_threshold) : ScoreSquad(data, best);
}

PieceScores ScoreAnswerPieces(const QaData& data, const Tokenizer& tokenizer,
                              const std::vector<DecodedAnswer>& answers) {
  std::vector<std::vector<int32_t>> pieces;
  pieces.reserve(answers.size());
  for (const DecodedAnswer& answer : answers) pieces.push_back(answer.pieces);
  return ScorePieces(data, tokenizer, pieces);
}

}  // namespace bv
