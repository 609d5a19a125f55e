#include "heads/zoo.h"

#include "base/strings.h"
#include "heads/adapter_heads.h"
#include "heads/cnn_heads.h"
#include "heads/inception_head.h"
#include "heads/linear_heads.h"
#include "heads/row_heads.h"
#include "heads/text_heads.h"
#include "heads/xception_heads.h"

namespace bv {
namespace {

using Input = ImageHeadShape::Input;
using Stack = CnnShape::Stack;

constexpr double kCnnDropout = 0.2;
// The paper's, of heads whose name does not say another.
constexpr int64_t kAdapterWidth = 386;
// Windows of the study's torch half, from which its span head has its width.
constexpr int64_t kApSpanTokens = 384;
constexpr int64_t kDetectPartsWidth = 128;

int64_t WidthOr(const BackboneDims& dims, int64_t otherwise) {
  return dims.width > 0 ? dims.width : otherwise;
}

HeadEntry Adapter(const std::string& name, const std::string& composition, const std::string& formula,
                  const AdapterShape& shape) {
  return {name, HeadKind::kSpan, composition, formula,
          [name, shape](const BackboneDims& dims, HeadInit init) {
            return MakeAdapterHead(name, dims, init, shape);
          }};
}

HeadEntry Cnn(const std::string& name, const std::string& composition, const std::string& formula,
              const CnnShape& shape) {
  return {name, HeadKind::kSpan, composition, formula,
          [name, shape](const BackboneDims& dims, HeadInit init) {
            CnnShape sized = shape;
            sized.width = WidthOr(dims, kAdapterWidth);
            return MakeCnnHead(name, dims, init, sized);
          }};
}

HeadEntry Inception(const std::string& name, const std::string& composition, InceptionRows rows) {
  return {name, HeadKind::kSpan, composition, "L+1+Hd+d+6267312+2048ceil(d/48)+2",
          [name, rows](const BackboneDims& dims, HeadInit init) {
            return MakeInceptionHead(name, dims, init, WidthOr(dims, kAdapterWidth), rows);
          }};
}

HeadEntry LearnedPooling(const std::string& name, HeadKind kind, const std::string& composition,
                         const std::string& formula) {
  return {name, kind, composition, formula, [name, kind](const BackboneDims& dims, HeadInit init) {
            return MakeLearnedPoolingHead(name, kind, dims, init);
          }};
}

HeadEntry RowAdapter(const std::string& name, const std::string& composition, const std::string& formula,
                     Pooling::Kind pooling) {
  return {name, HeadKind::kRow, composition, formula,
          [name, pooling](const BackboneDims& dims, HeadInit init) {
            return MakeRowAdapterHead(name, dims, init, pooling, WidthOr(dims, kAdapterWidth));
          }};
}

HeadEntry XceptionRow(const std::string& name, const std::string& composition, const std::string& formula,
                      const XceptionShape& shape) {
  return {name, HeadKind::kRow, composition, formula, [name, shape](const BackboneDims& dims, HeadInit init) {
            return MakeXceptionRowHead(name, dims, init, shape);
          }};
}

HeadEntry NotInAll(HeadEntry entry) {
  entry.in_all = false;
  return entry;
}

void AddAdapterHeads(std::vector<HeadEntry>* list) {
  using enum AdapterShape::Input;
  for (const int64_t d : {64, 386}) {
    for (const bool shared : {true, false}) {
      for (const bool skip : {false, true}) {
        const std::string adapters = shared ? "Hd+d" : "L(Hd+d)";
        list->push_back(Adapter(Cat("adapter-", d, shared ? "-shared" : "-unshared", skip ? "-skip" : ""),
                                Cat(shared ? "one adapter for all layers" : "an adapter per layer", ", d=", d,
                                    ", flattened", skip ? ", with the last layer" : "", ", linear"),
                                adapters + (skip ? "+2(Ld+H)+2" : "+2Ld+2"), {kLayers, d, shared, skip}));
      }
    }
  }
  list->push_back(Adapter("lp-adapter-386", "learned pooling, adapter, d=386, with the last layer, linear",
                          "L+1+Hd+d+2(d+H)+2", {kPooled, 386, true, true}));
  list->push_back(
      Adapter("adapter-386-shared-lp-branch",
              "one adapter for all layers, flattened, beside learned pooling and an adapter, d=386, linear",
              "2(Hd+d)+L+1+2(Ld+d)+2", {kLayersAndPooled, 386, true, false}));
}

// Rows 1 to 6.
void AddFirstCnnHeads(std::vector<HeadEntry>* list) {
  const std::string all_layers = "896L+288512+384ceil(H/18)+2";
  list->push_back(Cnn("1xn-cnn", "layers as channels, three 1x7 convolutions along the features, linear",
                      all_layers, {.dropout = kCnnDropout}));
  list->push_back(Cnn("1xn-cnn-dilated", "the same with dilation 1, 2 and 4", "896L+360320+384ceil(H/18)+2",
                      {.stack = Stack::kDilated, .dropout = kCnnDropout}));
  list->push_back(Cnn("1xn-cnn-nodropout", "1xn-cnn without dropout", all_layers, {}));
  list->push_back(LearnedPooling("learned-pooling", HeadKind::kSpan, "learned pooling of all layers, linear",
                                 "L+1+2H+2"));
  list->push_back(Cnn("lp-1xn-cnn", "learned pooling, three 1x7 convolutions, linear",
                      "L+1+289408+384ceil(H/18)+2", {.input = Input::kPooled, .dropout = kCnnDropout}));
  list->push_back(Cnn("avg-1xn-cnn", "mean of the layers, three 1x7 convolutions, linear",
                      "289408+384ceil(H/18)+2", {.input = Input::kMean, .dropout = kCnnDropout}));
}

// Rows 17 to 20.
void AddAdaptedCnnHeads(std::vector<HeadEntry>* list) {
  list->push_back(Cnn("lp-adapter-1xn-cnn", "learned pooling, adapter, three 1x7 convolutions, linear",
                      "L+1+Hd+d+289408+384ceil(d/18)+2", {.input = Input::kAdapted, .dropout = kCnnDropout}));
  list->push_back(
      Cnn("lp-adapter-nxn-cnn",
          "learned pooling, adapter, convolutions over tokens and features (7x7, 7x7, 3x3), linear",
          "L+1+Hd+d+701248+512ceil(d/12)+2", {.input = Input::kAdapted, .stack = Stack::kNxN}));
  list->push_back(Inception("lp-adapter-inception",
                            "learned pooling, adapter, Inception over features and tokens, linear",
                            InceptionRows::kFeatures));
  list->push_back(
      NotInAll(Inception("lp-adapter-inception-tokens",
                         "reproduction of a published failure: the same, but the strides shrink the tokens",
                         InceptionRows::kTokens)));
  const std::string name = "lp-adapter-xception-mod";
  list->push_back({name, HeadKind::kSpan,
                   "learned pooling, adapter, separable convolutions along the features (Xception), linear",
                   "L+1+Hd+d+6136416+4096ceil(d/24)+2", [name](const BackboneDims& dims, HeadInit init) {
                     return MakeXceptionSpanHead(name, dims, init, WidthOr(dims, kAdapterWidth));
                   }});
}

void AddSpanHeads(std::vector<HeadEntry>* list) {
  AddFirstCnnHeads(list);
  AddAdapterHeads(list);
  AddAdaptedCnnHeads(list);
  list->push_back({"ap-squad", HeadKind::kSpan,
                   "one adapter for all layers, d as many as a window's tokens, flattened, linear",
                   "Hd+d+2Ld+2", [](const BackboneDims& dims, HeadInit init) {
                     AdapterShape shape;
                     shape.style = DenseStyle::kTorch;
                     shape.width = WidthOr(dims, dims.tokens > 0 ? dims.tokens : kApSpanTokens);
                     return MakeAdapterHead("ap-squad", dims, init, shape);
                   }});
  list->push_back(LayerEntry("last-layer", HeadKind::kSpan, "control: the last layer's state, linear", -1));
}

void AddRowHeads(std::vector<HeadEntry>* list) {
  list->push_back(
      LearnedPooling("tiny-tenney", HeadKind::kRow, "learned pooling of the row, linear", "L+1+CH+C"));
  list->push_back(RowAdapter("adapter-tenney", "learned pooling, adapter, with the last layer, linear",
                             "L+1+Hd+d+C(d+H)+C", Pooling::Kind::kLearned));
  list->push_back(RowAdapter("adapter-mean", "mean of the row, adapter, with the last layer, linear",
                             "Hd+d+C(d+H)+C", Pooling::Kind::kMean));
  list->push_back(XceptionRow("xception-abbr", "layers as channels, the first blocks of an Xception, linear",
                              "192L+260992+512C+C", {}));
  list->push_back(XceptionRow("xception-abbr-cls", "the same, with the last layer", "192L+260992+C(512+H)+C",
                              {.with_last = true}));
  list->push_back(XceptionRow("xception-full", "layers as channels, a whole Xception, linear",
                              "96L+20710040+2048C+C", {.full = true}));
  list->push_back(NotInAll(XceptionRow("xception-full-max", "the same, with max-pools in two blocks",
                                       "96L+20710040+2048C+C", {.full = true, .max_pool = true})));
  list->push_back(
      LayerEntry("cls-last-layer", HeadKind::kRow, "control: the last layer's [CLS] state, linear", -1));
}

void AddTextHeads(std::vector<HeadEntry>* list) {
  list->push_back({"ap", HeadKind::kText,
                   "one adapter for all layers and tokens, all of it flattened, linear", "Hd+d+TdLC+C",
                   [](const BackboneDims& dims, HeadInit init) {
                     return MakeApHead("ap", dims, init, WidthOr(dims, dims.tokens));
                   }});
  list->push_back({"detect-parts", HeadKind::kText,
                   "depth embedding, linear with swish and LayerNorm, all of it flattened, GELU, linear",
                   "LH+Hd+d+2d+TLdC+C", [](const BackboneDims& dims, HeadInit init) {
                     return MakeDetectPartsHead("detect-parts", dims, init, WidthOr(dims, kDetectPartsWidth));
                   }});
}

}  // namespace

int64_t HeadEntry::parameters(const BackboneDims& dims) const {
  return build(dims, HeadInit::SizesOnly())->ParameterCount();
}

HeadOutline HeadEntry::outline(const BackboneDims& dims, int64_t tokens) const {
  return build(dims, HeadInit::SizesOnly())->Outline(tokens);
}

HeadEntry LayerEntry(const std::string& name, HeadKind kind, const std::string& composition, int64_t layer) {
  return {name, kind, composition, kind == HeadKind::kSpan ? "2H+2" : "CH+C",
          [name, kind, layer](const BackboneDims& dims, HeadInit init) {
            return MakeLayerHead(name, kind, dims, init, layer < 0 ? dims.layers + layer : layer);
          }};
}

std::vector<HeadEntry> MakeZoo() {
  std::vector<HeadEntry> list;
  AddSpanHeads(&list);
  AddRowHeads(&list);
  AddTextHeads(&list);
  return list;
}

}  // namespace bv
