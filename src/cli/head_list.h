// The zoo of heads for one backbone, for `heads`: as a table or as JSON. Pure functions.
#pragma once

#include <string>

#include "base/json.h"
#include "bert/config.h"

namespace bv::cli {

// Parameters of BERT-large with a span output, of which every share in the paper is a share.
constexpr int64_t kBertLargeSpanParameters = 335'143'938;

// The configuration of `bert-base`, `bert-large` or `minilm`, for which nothing needs to be installed, or of
// a model that FindModelFolder finds.
BertConfig BackboneConfig(const std::string& name);
// All parameters of the encoder with its pooler and a span output, the way the published counts are made.
int64_t SpanModelParameters(const BertConfig& config);

std::string HeadListText(const std::string& backbone, const BertConfig& config);
// One object per head, the layer probes one by one.
OrderedJson HeadListJson(const BertConfig& config);

}  // namespace bv::cli
