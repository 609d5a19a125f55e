// The zoo of heads for one backbone, for `heads`: as a table, as JSON, or one head explained. Pure functions.
#pragma once

#include <string>

#include "base/json.h"
#include "bert/config.h"
#include "heads/head_memory.h"

namespace bv::cli {

// Parameters of BERT-large with a span output, of which every share in the paper is a share.
constexpr int64_t kBertLargeSpanParameters = 335'143'938;

// The configuration of `bert-base`, `bert-large` or `minilm`, for which nothing needs to be installed, or of
// a model that FindModelFolder finds.
BertConfig BackboneConfig(const std::string& name);

// For what costs are given.
struct HeadListRequest {
  std::string backbone;
  BertConfig config;
  int64_t tokens = 176;  // of a window; places of heads that have a weight for each
  int64_t windows = 16;  // of a batch that is trained on
  int64_t outputs = 2;   // of heads that classify
};

// What a head of this kind is built with.
BackboneDims DimsOf(const HeadListRequest& request, HeadKind kind);
BatchSize BatchOf(const HeadListRequest& request);
double PercentOf(int64_t part, int64_t whole);
// 9012345678 -> "9.01 G": three digits, decimal steps.
std::string HumanCount(double value);

std::string HeadListText(const HeadListRequest& request);
// One object per head, the layer probes one by one.
OrderedJson HeadListJson(const HeadListRequest& request);

// One head: what it is, what it costs, how it is put together, how its parameters start. Errors: those of
// FindHead and of a head's constructor.
std::string HeadPageText(const HeadListRequest& request, const std::string& name);
OrderedJson HeadPageJson(const HeadListRequest& request, const std::string& name);

}  // namespace bv::cli
