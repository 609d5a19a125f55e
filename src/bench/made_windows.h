// Windows of random pieces, for measuring a backbone without data: rates depend on how long windows are, not
// on what they say. Pure functions.
#pragma once

#include <cstdint>
#include <vector>

#include "bert/config.h"
#include "features/windows.h"

namespace bv::bench {

// Pieces of a made-up window at least.
constexpr int64_t kShortestWindow = 4;

// 32, 128 and 384, as far as the model has positions; its positions alone where it has fewer than 32. Errors
// (kUnsupported): fewer than kShortestWindow.
std::vector<int64_t> UsualLengths(int64_t positions);

// `count` windows of `length` pieces (at least kShortestWindow), half of them the question's, with a label in
// the context. They belong to example 0.
std::vector<Window> MadeUpWindows(const BertConfig& config, int64_t length, int64_t count, uint64_t seed);

}  // namespace bv::bench
