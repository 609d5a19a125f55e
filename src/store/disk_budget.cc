#include "store/disk_budget.h"

#include "base/error.h"
#include "base/strings.h"

namespace bv {
namespace {

int64_t BytesOf(StoreInfo info, const std::vector<int32_t>& layers, Codec codec) {
  info.layers = layers;
  info.codec = codec;
  return ForecastBytes(info);
}

std::string Described(size_t layers, Codec codec, int64_t bytes) {
  return Cat(layers, layers == 1 ? " layer in " : " layers in ", CodecName(codec), " (", HumanBytes(bytes),
             ")");
}

}  // namespace

BudgetChoice FitBudget(const StoreInfo& info, int64_t budget, bool layers_fixed, bool codec_fixed) {
  const size_t all = info.layers.size();
  const int64_t as_it_is = ForecastBytes(info);
  const std::string too_large = Cat(Described(all, info.codec, as_it_is), " would not fit");
  if (as_it_is <= budget) return {info.layers, info.codec, as_it_is, "everything fits"};
  const Codec codec = codec_fixed ? info.codec : Codec::kInt8;
  const size_t fewest = layers_fixed ? all : 1;
  for (size_t kept = all; kept >= fewest; --kept) {
    const std::vector<int32_t> layers(info.layers.end() - static_cast<std::ptrdiff_t>(kept),
                                      info.layers.end());
    const int64_t bytes = BytesOf(info, layers, codec);
    if (bytes > budget) continue;
    if (kept == all) return {layers, codec, bytes, too_large};
    const std::string next = Described(
        kept + 1, codec,
        BytesOf(info, {info.layers.end() - static_cast<std::ptrdiff_t>(kept) - 1, info.layers.end()}, codec));
    return {layers, codec, bytes,
            Cat(too_large, ", nor ", next, "; the upper layers are those that heads use most")};
  }
  const std::vector<int32_t> last(info.layers.end() - static_cast<std::ptrdiff_t>(fewest), info.layers.end());
  throw Error(ErrorKind::kUnsupported,
              Cat("a store of ", Described(fewest, codec, BytesOf(info, last, codec)), " is the least ",
                  layers_fixed || codec_fixed ? "that the other options leave" : "there is",
                  ", the disk budget is ", HumanBytes(budget)));
}

}  // namespace bv
