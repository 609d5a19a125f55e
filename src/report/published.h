// The published scores of the BERTVision paper on SQuAD 2.0, and whether a system may be put beside them. The
// numbers are as printed there, in percent; nothing is computed from them. The paper scores lists of
// WordPieces, not texts by the official definition.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "report/system.h"

namespace bv {

struct PublishedScore {
  const char* system;  // "BERT", or the head's name in the zoo
  SystemKind kind;
  int64_t parameters;
  double epochs;  // of fine-tuning
  double exact, f1;
};

// Dev scores of the fine-tuned BERT-large along its training and of the 20 heads on its states. The sections
// named beside the numbers are those of the specification that collects them from the paper and its sources.
std::span<const PublishedScore> PublishedScores();

// What is no single system on the states it was trained for.
struct PublishedOther {
  const char* what;
  double exact, f1;
};
std::span<const PublishedOther> PublishedOthers();

// The published scores of this system; nothing unless it has the paper's backbone (24 layers, 1,024 wide),
// was trained on and scored on the whole of SQuAD 2.0 (by the numbers of training windows, and of dev
// questions with and without an answer), and such a row exists.
std::optional<PublishedScore> PublishedFor(const ReportSystem& system);

}  // namespace bv
