// What this machine is: processor, instruction sets, processors and memory this process may use, LibTorch.
// For choosing a precision and for the record of a run. Pure functions, except UseThreads, which sets a
// property of the process and is called before any work starts. Linux.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace bv {

struct CpuInfo {
  std::string model;  // "AMD EPYC"; empty where the kernel does not say
  std::vector<std::string>
      instructions;  // those that matter here, as Linux names them: "avx2", "amx_bf16", …

  bool Has(std::string_view instruction) const;
  // Products of bf16 are faster than those of fp32, not merely possible.
  bool FastBf16() const;
  // Products of 8 bits do not overflow their sums.
  bool Int8Products() const;
};

// From the text of /proc/cpuinfo, x86 or ARM.
CpuInfo ParseCpuInfo(std::string_view text);
// This machine's, read once; nothing known where /proc/cpuinfo cannot be read.
const CpuInfo& ThisCpu();

// Bytes that this process may still take: what the kernel can give without swapping, and no more than its
// control group is allowed. Nothing where the kernel does not say.
std::optional<int64_t> AvailableMemory();
// From the texts of /proc/meminfo and of the group's memory.max and memory.current; the last two may be empty
// or "max".
std::optional<int64_t> ParseAvailableMemory(std::string_view meminfo, std::string_view group_limit,
                                            std::string_view group_used);

// Threads of LibTorch's products from now on.
void UseThreads(int threads);

// For run.json: {"cpu", "instructions", "processors", "memory_bytes", "threads", "libtorch", "onednn", …}.
// threads: as the verb was asked to use.
OrderedJson MachineRecord(int threads);

}  // namespace bv
