#include "device/machine.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/headeronly/version.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <sstream>

#include "base/parallel.h"
#include "base/strings.h"

namespace bv {
namespace {

// Instruction sets that decide speed or precision here; the other hundred are left out of records.
constexpr std::array kInteresting = {"avx2",        "fma",      "avx_vnni", "avx512f",  "avx512_vnni",
                                     "avx512_bf16", "amx_tile", "amx_bf16", "amx_int8", "asimd",
                                     "sve",         "bf16",     "i8mm"};

std::string ReadText(const char* path) {
  // Not ReadFile: files of /proc have no size.
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The digits at the front, after spaces; nothing where there are none.
std::optional<int64_t> WholeNumber(std::string_view text) {
  text = TrimSpaces(text);
  int64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
}

}  // namespace

bool CpuInfo::Has(std::string_view instruction) const {
  return std::find(instructions.begin(), instructions.end(), instruction) != instructions.end();
}

bool CpuInfo::FastBf16() const {
  return Has("avx512_bf16") || Has("amx_bf16") || Has("bf16");
}

bool CpuInfo::Int8Products() const {
  return Has("avx512_vnni");
}

CpuInfo ParseCpuInfo(std::string_view text) {
  CpuInfo info;
  for (const std::string& line : Split(text, '\n')) {
    const size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string_view key = TrimSpaces(std::string_view(line).substr(0, colon));
    const std::string_view value = TrimSpaces(std::string_view(line).substr(colon + 1));
    if (key == "model name" && info.model.empty()) info.model = value;
    if ((key == "flags" || key == "Features") && info.instructions.empty()) {
      const std::vector<std::string> flags = Split(value, ' ');
      for (const char* name : kInteresting) {
        if (std::find(flags.begin(), flags.end(), name) != flags.end()) info.instructions.emplace_back(name);
      }
    }
  }
  return info;
}

const CpuInfo& ThisCpu() {
  static const CpuInfo info = ParseCpuInfo(ReadText("/proc/cpuinfo"));
  return info;
}

std::optional<int64_t> ParseAvailableMemory(std::string_view meminfo, std::string_view group_limit,
                                            std::string_view group_used) {
  std::optional<int64_t> available;
  for (const std::string& line : Split(meminfo, '\n')) {
    constexpr std::string_view kKey = "MemAvailable:";
    if (!line.starts_with(kKey)) continue;
    const auto kib = WholeNumber(std::string_view(line).substr(kKey.size()));
    if (kib) available = *kib * 1024;
  }
  const auto limit = WholeNumber(group_limit), used = WholeNumber(group_used);
  if (limit && used) {
    const int64_t left = std::max<int64_t>(0, *limit - *used);
    available = available ? std::min(*available, left) : left;
  }
  return available;
}

std::optional<int64_t> AvailableMemory() {
  return ParseAvailableMemory(ReadText("/proc/meminfo"), ReadText("/sys/fs/cgroup/memory.max"),
                              ReadText("/sys/fs/cgroup/memory.current"));
}

void UseThreads(int threads) {
  at::set_num_threads(threads);
}

OrderedJson MachineRecord(int threads) {
  const CpuInfo& cpu = ThisCpu();
  const int64_t memory = int64_t{sysconf(_SC_PHYS_PAGES)} * int64_t{sysconf(_SC_PAGE_SIZE)};
  // "Intel(R) MKL-DNN v3.11.2 (Git Hash …)": oneDNN's version is the word that starts with v and a digit.
  std::string onednn;
  for (const std::string& word : Split(at::get_mkldnn_version(), ' ')) {
    if (word.size() > 1 && word[0] == 'v' && word[1] >= '0' && word[1] <= '9') onednn = word.substr(1);
  }
  return {{"cpu", cpu.model},
          {"instructions", cpu.instructions},
          {"processors", DefaultThreads()},
          {"memory_bytes", memory},
          {"threads", threads},
          {"libtorch", TORCH_VERSION},
          {"libtorch_cpu_capability", at::get_cpu_capability()},
          {"onednn", onednn}};
}

}  // namespace bv
