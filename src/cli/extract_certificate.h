// What `extract` measures on a sample before it rounds states to int8.
#pragma once

#include <functional>

#include "base/json.h"
#include "store/store_index.h"
#include "train/rounding_cost.h"

namespace bv::cli {

struct CertificateRequest {
  const TaskExamples& examples;  // of all data
  StoreInfo info;                // of the store to be made
  std::string exact_precision;   // in which states are computed that count as exact
  fs::path scratch;              // the folder in which temporary stores may lie
  int threads = 1;
  // Makes a store of these examples with this `info`; the counts are filled in there.
  std::function<void(const TaskExamples& examples, const StoreInfo& info, const fs::path& folder)> extract;
};

// At most half of what can be used, at random (of spans: the answerable questions): two thirds of the sample
// train a head, one third is held out. Nothing is left on the disk. Errors: kUsage for data of fewer than six
// examples.
RoundingCost Certify(const CertificateRequest& request);

// A table of layers and a sentence on the head.
std::string CertificateText(const RoundingCost& cost, const std::vector<int32_t>& layers);
OrderedJson CertificateJson(const RoundingCost& cost, const std::vector<int32_t>& layers);

// Errors: kUnsupported where the head loses more than `most` points.
void RequireCost(const RoundingCost& cost, double most);

}  // namespace bv::cli
