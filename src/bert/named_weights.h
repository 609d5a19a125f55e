// The encoder's tensors by name, for what builds an encoder of them. A view; the weights must outlive it.
#pragma once

#include <array>
#include <string>
#include <unordered_map>

#include "base/strings.h"
#include "bert/weights.h"

namespace bv {

class NamedWeights {
 public:
  explicit NamedWeights(const BertWeights& weights) {
    for (const auto& [name, tensor] : weights.encoder) tensors_.emplace(name, &tensor);
  }

  const at::Tensor& operator[](const std::string& name) const { return *tensors_.at(name); }
  // Query, key and value of a layer (from 0): all three weights, or biases.
  std::array<at::Tensor, 3> Qkv(int64_t layer, const char* kind) const {
    const std::string prefix = Cat("encoder.layer.", layer, ".attention.self.");
    return {(*this)[Cat(prefix, "query.", kind)], (*this)[Cat(prefix, "key.", kind)],
            (*this)[Cat(prefix, "value.", kind)]};
  }

 private:
  std::unordered_map<std::string, const at::Tensor*> tensors_;
};

}  // namespace bv
