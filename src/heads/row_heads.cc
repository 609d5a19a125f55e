#include "heads/row_heads.h"

#include <ATen/ops/cat.h>

namespace bv {
namespace {

class RowAdapterHead : public Head {
 public:
  RowAdapterHead(const std::string& name, const BackboneDims& dims, HeadInit init, Pooling::Kind pooling,
                 int64_t width)
      : Head(name, HeadKind::kRow, dims, init),
        pooling_(&weights(), dims.layers, pooling),
        adapter_(&weights(), "pooled_adapter", dims.hidden, width, DenseStyle::kKeras),
        output_(&weights(), width + dims.hidden, dims.outputs) {}

 private:
  at::Tensor Logits(const at::Tensor& states, const at::Tensor&, const HeadPass&) const override {
    const at::Tensor last = states.select(1, dims().layers - 1).to(at::kFloat);
    return output_(at::cat({adapter_(pooling_(states)), last}, 1));
  }

  void Describe(HeadOutline* outline) const override {
    pooling_.Describe(dims().hidden, outline);
    adapter_.Describe({adapter_.width()}, 1, outline);
    const int64_t features = adapter_.width() + dims().hidden;
    outline->Add("with the last state", {features}, 0, 0, static_cast<double>(features));
    output_.Describe(false, outline);
  }

  Pooling pooling_;
  Adapter adapter_;
  Output output_;
};

}  // namespace

std::unique_ptr<Head> MakeRowAdapterHead(const std::string& name, const BackboneDims& dims, HeadInit init,
                                         Pooling::Kind pooling, int64_t width) {
  return std::make_unique<RowAdapterHead>(name, dims, init, pooling, width);
}

}  // namespace bv
