// One answer as text for people and as JSON for machines. It decides nothing. Pure functions.
#pragma once

#include <string>

#include "base/json.h"
#include "data/squad.h"
#include "decode/span_decoder.h"

namespace bv::cli {

// {id, answer, score, null_score, null_odds, start, end, n_best: [{text, probability, start_logit, end_logit,
// start, end}]}; start and end are code points of the context, null where there is no answer.
OrderedJson AnswerJson(const QaData& data, const QaExample& example, const DecodedAnswer& answer);

// A screenful; of the n-best at most `shown` rows.
std::string AnswerText(const QaData& data, const QaExample& example, const DecodedAnswer& answer,
                       const DecodeOptions& decode, size_t shown);

}  // namespace bv::cli
