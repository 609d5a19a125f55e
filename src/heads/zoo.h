// THE list of heads: what each is and how it is built. Looked up through the registry.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "heads/head.h"

namespace bv {

struct HeadEntry {
  std::string name;
  HeadKind kind = HeadKind::kSpan;
  std::string composition;  // in words, for people
  std::string formula;      // of the parameter count, in L, H, d, T and C; ceil(a/b) is a division rounded up
  // The head with fresh weights; a seed decides them together with the names of head and tensor.
  std::function<std::unique_ptr<Head>(const BackboneDims&, HeadInit)> build;
  bool in_all = true;  // part of what `all` means

  // Values of all its tensors; what it consists of and costs for windows of so many tokens. Nothing is
  // allocated.
  int64_t parameters(const BackboneDims& dims) const;
  HeadOutline outline(const BackboneDims& dims, int64_t tokens) const;
};

// All but the layer-<k> probes.
std::vector<HeadEntry> MakeZoo();
// The probe of the state at place `layer`, or, for -1, of the last one.
HeadEntry LayerEntry(const std::string& name, HeadKind kind, const std::string& composition, int64_t layer);

}  // namespace bv
