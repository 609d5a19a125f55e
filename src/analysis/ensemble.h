// Several systems' logits over the same windows put together as one system's (spec section G, "Ensembles").
// Each system's start and end logits are made probabilities, per window and apart, and combined; the
// logarithms of the result are the ensemble's logits, so that the one decoder decodes them. Pure functions.
//
// In the logarithm a span's score is log p(start) + log p(end): its order is that of the paper's product of
// probabilities. Null odds are log ratios as those of logits are, 0 still means "as likely", and adding a
// constant to all of a window (which a sum without a mean does) changes neither odds nor answers.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "decode/span_logits.h"

namespace bv {

enum class EnsembleMode {
  kMax,       // the largest probability: the paper's
  kAdd,       // the sum: the paper's other one
  kWeighted,  // a sum with a weight per system: ours
};

// What a user may ask for, whatever the task: two runs or more, and weights, where they are given, one a run
// and not all 0. Errors (kUsage) name --runs or --weights.
void RequireMembers(size_t runs, std::span<const double> weights);

// One weight per member: those given with kWeighted, else 1. Errors (kInternal): no member; weights that are
// not one a member, are negative or all 0.
std::vector<double> MemberWeights(size_t members, EnsembleMode mode, std::span<const double> weights);

// members: at least one, over the same windows. weights: as MemberWeights; a weight of 0 leaves a member out.
// Errors: kInternal for members or weights that do not fit.
SpanLogits CombineLogits(const std::vector<const SpanLogits*>& members, EnsembleMode mode,
                         std::span<const double> weights = {});

// Weights in the proportion of the systems' F1 on data that they are then not judged by; they sum to 1. Equal
// ones where no system has any F1.
std::vector<double> WeightsByScore(std::span<const double> f1);

}  // namespace bv
