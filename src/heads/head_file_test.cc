#include "heads/head_file.h"

#include <ATen/ops/equal.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <functional>
#include <limits>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/testing.h"
#include "heads/registry.h"
#include "heads/testing.h"

namespace bv {
namespace {

constexpr BackboneDims kDims{4, 12};
constexpr uint64_t kBackbone = 0x0123456789abcdefULL;

TEST(HeadFile, EveryHeadComesBackAsItWas) {
  for (const HeadEntry& entry : HeadRegistry()) {
    BackboneDims dims = DimsFor(entry.kind, kDims);
    dims.width = 20;
    if (entry.kind != HeadKind::kSpan) dims.outputs = 3;
    if (entry.kind == HeadKind::kText) dims.tokens = 4;
    const at::Tensor states = at::randn({8, dims.layers, 12}), offsets = at::tensor({0, 4, 8}, at::kLong);
    const test::ScratchFolder folder;
    const auto head = entry.build(dims, 7);
    test::SetWaveWeights(*head);
    SaveHead(folder.path(), *head, kBackbone);
    const SavedHead saved = LoadHead(folder.path());
    EXPECT_EQ(saved.backbone, kBackbone);
    EXPECT_EQ(saved.head->name(), entry.name);
    EXPECT_TRUE(saved.head->dims() == dims);
    EXPECT_TRUE(at::equal(saved.head->Forward(states, offsets), head->Forward(states, offsets)))
        << entry.name;
  }
}

TEST(HeadFile, RunningStatisticsAreSavedAndCounted) {
  const test::ScratchFolder folder;
  const auto head = BuildHead("xception-abbr", {5, 12}, 7);
  SaveHead(folder.path(), *head, kBackbone);
  const TensorFile file(folder / "head.safetensors");
  EXPECT_TRUE(file.Has("trunk.0.norm.mean"));
  EXPECT_TRUE(file.Has("trunk.2.shortcut.norm.variance"));
  const Json json = ReadJsonFile(folder / "head.json");
  EXPECT_EQ(json["parameters"], head->ParameterCount());
  EXPECT_EQ(json["trainable"], head->TrainableCount());
  EXPECT_EQ(json["kind"], "row");
}

TEST(HeadFile, FilesFromBeforeOtherTasksAreSpanHeads) {
  const test::ScratchFolder folder;
  const auto head = BuildHead("learned-pooling", kDims, 7);
  SaveHead(folder.path(), *head, kBackbone);
  Json json = ReadJsonFile(folder / "head.json");
  for (const char* key : {"outputs", "tokens", "width", "trainable"}) json.erase(key);
  WriteJsonFile(folder / "head.json", json);
  EXPECT_EQ(LoadHead(folder.path()).head->dims(), head->dims());
}

// A saved head with its JSON and tensors open to change; Load gives the message of the error.
class Tampered {
 public:
  Tampered() {
    SaveHead(folder_.path(), *BuildHead("adapter-64-shared", kDims, 7), kBackbone);
    json = ReadJsonFile(folder_ / "head.json");
    const TensorFile file(folder_ / "head.safetensors");
    for (const std::string& name : file.names()) tensors.push_back({name, file.Get(name).clone()});
  }
  at::Tensor& Tensor(const std::string& name) {
    for (NamedTensor& tensor : tensors) {
      if (tensor.name == name) return tensor.tensor;
    }
    throw Error(ErrorKind::kInternal, name);
  }
  // Writes the tensors with a size and checksum that fit, so that later checks have to find the fault.
  void WriteTensors() {
    WriteTensorFile(folder_ / "head.safetensors", tensors);
    json["weights"]["bytes"] = std::filesystem::file_size(folder_ / "head.safetensors");
    json["weights"]["xxh3"] = Hex(HashFile(folder_ / "head.safetensors"));
  }
  std::string Load() {
    WriteJsonFile(folder_ / "head.json", json);
    try {
      LoadHead(folder_.path());
    } catch (const Error& error) {
      return error.what();
    }
    return "loaded";
  }
  std::filesystem::path Weights() const { return folder_ / "head.safetensors"; }

  Json json;
  std::vector<NamedTensor> tensors;

 private:
  test::ScratchFolder folder_;
};

TEST(HeadFile, DamageIsFoundAndNamed) {
  struct Case {
    std::function<void(Tampered&)> tamper;
    const char* message;
  };
  const std::vector<Case> cases = {
      {[](Tampered&) {}, "loaded"},
      {[](Tampered& t) { t.json.erase("layers"); }, "layers"},
      {[](Tampered& t) { t.json["layers"] = 0; }, "layers"},
      {[](Tampered& t) { t.json["hidden"] = 1e300; }, "hidden"},
      {[](Tampered& t) { t.json["hidden"] = "12"; }, "hidden"},
      {[](Tampered& t) { t.json["hidden"] = 13; }, "needed for the head"},
      {[](Tampered& t) { t.json["name"] = "adapter-65-shared"; }, "did you mean adapter-64-shared"},
      {[](Tampered& t) { t.json["name"] = "adapter-64-unshared"; }, "needed for the head"},
      {[](Tampered& t) { t.json["format"] = "else"; }, "format"},
      {[](Tampered& t) { t.json["version"] = 2; }, "version 2"},
      {[](Tampered& t) { t.json["backbone"] = "12"; }, "16 lower-case hexadecimal digits"},
      {[](Tampered& t) { t.json["backbone"] = "0123456789ABCDEF"; }, "16 lower-case hexadecimal digits"},
      {[](Tampered& t) { t.json = Json::array(); }, "not a JSON object"},
      {[](Tampered& t) { t.json["check"]["outputs"].erase(0); }, "15 values, needed: 16"},
      {[](Tampered& t) { t.json["check"]["outputs"][3] = 1.5; }, "does not give the outputs"},
      {[](Tampered& t) { t.json["check"]["outputs"][3] = "x"; }, "not a list of numbers"},
      {[](Tampered& t) { t.json["check"].erase("tolerance"); }, "tolerance"},
      {[](Tampered& t) { std::filesystem::remove(t.Weights()); }, "head.safetensors"},
      {[](Tampered& t) { std::filesystem::resize_file(t.Weights(), 100); }, "100 bytes"},
      {[](Tampered& t) { t.json["weights"]["xxh3"] = Hex(1); }, "checksum"},
      {[](Tampered& t) {
         t.Tensor("adapter.weight")[3][5] = std::numeric_limits<float>::quiet_NaN();
         t.WriteTensors();
       },
       "NaN"},
      {[](Tampered& t) {
         t.Tensor("output.weight")[3][1] += 5;
         t.WriteTensors();
       },
       "does not give the outputs"},
      {[](Tampered& t) {
         t.Tensor("adapter.weight") = t.Tensor("adapter.weight").t().contiguous();
         t.WriteTensors();
       },
       "adapter.weight"},
      {[](Tampered& t) {
         t.Tensor("adapter.bias") = t.Tensor("adapter.bias").to(at::kHalf);
         t.WriteTensors();
       },
       "adapter.bias"},
      {[](Tampered& t) {
         t.tensors.erase(t.tensors.begin());
         t.WriteTensors();
       },
       "needed for the head adapter-64-shared on 4 states of width 12: at least "},
      {[](Tampered& t) {
         t.tensors.pop_back();
         t.WriteTensors();
       },
       "there is no tensor"},
      {[](Tampered& t) {
         t.tensors.push_back({"more", at::zeros({1})});
         t.WriteTensors();
       },
       "5 tensors"},
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    Tampered tampered;
    cases[i].tamper(tampered);
    EXPECT_THAT(tampered.Load(), testing::HasSubstr(cases[i].message)) << "case " << i;
  }
}

int64_t PeakKib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

TEST(HeadFile, DimensionsThatTheWeightsCannotHaveCostNoMemory) {
  const int64_t before = PeakKib();
  Tampered many;
  many.json["name"] = "adapter-386-unshared-skip";
  many.json["layers"] = 13;
  many.json["hidden"] = 20'000;
  EXPECT_THAT(many.Load(), testing::HasSubstr("bytes, needed for the head adapter-386-unshared-skip on 13 "
                                              "states of width 20000: at least "));
  // The weights fit, the states of the check that loading runs would not.
  Tampered wide;
  wide.json["name"] = "last-layer";
  wide.json["layers"] = 1000;
  wide.json["hidden"] = 10'000;
  wide.tensors = {{"output.weight", at::zeros({10'000, 2})}, {"output.bias", at::zeros({2})}};
  wide.WriteTensors();
  EXPECT_THAT(wide.Load(), testing::HasSubstr("1000 states of width 10000"));
  EXPECT_LT(PeakKib() - before, 200 * 1024);
}

TEST(HeadFile, WeightsThatAreNotFiniteAreNotSaved) {
  const test::ScratchFolder folder;
  const auto head = BuildHead("last-layer", kDims, 7);
  head->parameters()[0].tensor.detach()[0][0] = std::numeric_limits<float>::infinity();
  EXPECT_THROW(SaveHead(folder.path(), *head, kBackbone), Error);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace bv
