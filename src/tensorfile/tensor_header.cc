#include "tensorfile/tensor_header.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <set>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "base/strings.h"

namespace bv {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors data is little-endian");

constexpr uint64_t kMaxHeaderBytes = 100'000'000;  // the limit of the format's reference implementation
constexpr int kMaxDepth = 8;
constexpr size_t kMaxDimensions = 64;
constexpr size_t kLengthBytes = 8;

struct DtypeInfo {
  Dtype dtype;
  const char* name;
  int64_t bytes;
};
constexpr std::array<DtypeInfo, 10> kDtypes = {{{Dtype::kF64, "F64", 8},
                                                {Dtype::kF32, "F32", 4},
                                                {Dtype::kF16, "F16", 2},
                                                {Dtype::kBf16, "BF16", 2},
                                                {Dtype::kI64, "I64", 8},
                                                {Dtype::kI32, "I32", 4},
                                                {Dtype::kI16, "I16", 2},
                                                {Dtype::kI8, "I8", 1},
                                                {Dtype::kU8, "U8", 1},
                                                {Dtype::kBool, "BOOL", 1}}};

const DtypeInfo& Info(Dtype dtype) {
  return kDtypes[static_cast<size_t>(dtype)];
}

Error TensorError(const std::string& file, const std::string& tensor, const std::string& what) {
  return DataError(file, Cat("tensor ", Quoted(tensor), ": ", what));
}

// What a file is that is no safetensors file at all, where its first bytes tell.
std::string LikelyCause(std::string_view start) {
  if (start.starts_with("version https://git-lfs"))
    return "it is a Git LFS pointer; fetch it with git lfs pull";
  if (start.starts_with("<")) return "it looks like a web page saved by a failed download";
  if (start.starts_with("PK")) return "it looks like a PyTorch .bin or zip file; convert it to safetensors";
  return "it is not a safetensors file, or it is damaged";
}

std::string_view HeaderText(std::span<const std::byte> bytes, const std::string& file) {
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (all.size() < kLengthBytes) {
    throw DataError(
        file, Cat("only ", all.size(), " bytes; it was probably cut off while being downloaded or copied"));
  }
  uint64_t length = 0;
  std::memcpy(&length, all.data(), kLengthBytes);
  if (length > kMaxHeaderBytes) {
    throw DataError(file, Cat("the header claims ", length, " bytes, at most ", kMaxHeaderBytes,
                              " are allowed; ", LikelyCause(all)));
  }
  if (length > all.size() - kLengthBytes) {
    throw DataError(file, Cat("the header needs ", length, " bytes, the file has ", all.size() - kLengthBytes,
                              " after the length; it was probably cut off while being downloaded or copied"));
  }
  if (length < 2 || all[kLengthBytes] != '{') {
    throw DataError(file, Cat("the header does not start with '{'; ", LikelyCause(all)));
  }
  return all.substr(kLengthBytes, length);
}

// Sees every key as it is parsed, because the finished object keeps only one of two equal names.
class KeyGuard {
 public:
  explicit KeyGuard(const std::string& file) : file_(file) {}
  void See(int depth, Json::parse_event_t event, const Json& parsed) {
    if (depth > kMaxDepth)
      throw DataError(file_, Cat("the header is nested deeper than ", kMaxDepth, " levels"));
    if (event != Json::parse_event_t::key || depth < 1 || depth > 2) return;
    const auto& key = parsed.get_ref<const std::string&>();
    if (depth == 1) {
      if (!names_.insert(key).second) throw TensorError(file_, key, "the name stands twice in the header");
      fields_.clear();
    } else if (!fields_.insert(key).second) {
      throw DataError(file_, Cat("key ", Quoted(key), " stands twice in an entry of the header"));
    }
  }

 private:
  const std::string& file_;
  std::set<std::string> names_;
  std::set<std::string> fields_;
};

Json ParseHeaderJson(std::string_view text, const std::string& file) {
  KeyGuard guard(file);
  try {
    Json header =
        Json::parse(text.begin(), text.end(), [&](int depth, Json::parse_event_t event, Json& parsed) {
          guard.See(depth, event, parsed);
          return true;
        });
    if (!header.is_object()) throw DataError(file, "the header is not a JSON object");
    return header;
  } catch (const Json::exception&) {
    throw DataError(file, "the header is not valid JSON in UTF-8; the file is damaged");
  }
}

int64_t WholeNumber(const Json& value, const std::string& file, const std::string& tensor, const char* what) {
  const bool fits = value.is_number_unsigned() && value.get<uint64_t>() <= static_cast<uint64_t>(INT64_MAX);
  if (!fits)
    throw TensorError(file, tensor, Cat(what, " holds ", Quoted(value.dump()), ", whole numbers are needed"));
  return value.get<int64_t>();
}

const Json& Field(const Json& entry, const char* key, Json::value_t type, const std::string& file,
                  const std::string& tensor) {
  const auto found = entry.is_object() ? entry.find(key) : entry.end();
  if (found == entry.end() || found->type() != type) {
    throw TensorError(file, tensor,
                      Cat("'", key, "' is missing or of the wrong type; the header is damaged"));
  }
  return *found;
}

Dtype ParseDtype(const std::string& name, const std::string& file, const std::string& tensor) {
  std::vector<std::string> known;
  for (const DtypeInfo& info : kDtypes) {
    if (name == info.name) return info.dtype;
    known.emplace_back(info.name);
  }
  throw Error(ErrorKind::kUnsupported, Cat(file, ": tensor ", Quoted(tensor), ": dtype ", Quoted(name),
                                           " is not supported; supported are ", Join(known, ", ")));
}

TensorEntry ParseEntry(const std::string& name, const Json& json, const std::string& file) {
  TensorEntry entry;
  entry.name = name;
  entry.dtype =
      ParseDtype(Field(json, "dtype", Json::value_t::string, file, name).get<std::string>(), file, name);
  for (const Json& size : Field(json, "shape", Json::value_t::array, file, name)) {
    entry.shape.push_back(WholeNumber(size, file, name, "the shape"));
  }
  if (entry.shape.size() > kMaxDimensions) {
    throw TensorError(file, name,
                      Cat(entry.shape.size(), " dimensions, at most ", kMaxDimensions, " are allowed"));
  }
  const Json& offsets = Field(json, "data_offsets", Json::value_t::array, file, name);
  if (offsets.size() != 2)
    throw TensorError(file, name, Cat("'data_offsets' has ", offsets.size(), " numbers, not 2"));
  entry.begin = WholeNumber(offsets[0], file, name, "'data_offsets'");
  entry.end = WholeNumber(offsets[1], file, name, "'data_offsets'");
  const int64_t bytes = TensorBytes(entry.dtype, entry.shape);
  if (bytes < 0)
    throw TensorError(file, name, "its shape has more elements than can be counted; the header lies");
  if (entry.end < entry.begin || entry.end - entry.begin != bytes) {
    throw TensorError(file, name,
                      Cat("its place [", entry.begin, ", ", entry.end, ") does not hold the ", bytes,
                          " bytes of its shape; the header lies"));
  }
  return entry;
}

// Data must cover the rest of the file exactly: no overlap, no hole, nothing behind.
void CheckPlaces(const std::vector<TensorEntry>& tensors, int64_t data_bytes, const std::string& file) {
  int64_t covered = 0;
  for (const TensorEntry& entry : tensors) {
    if (entry.begin != covered) {
      throw TensorError(
          file, entry.name,
          Cat("its data starts at byte ", entry.begin, ", ", covered, " is needed: ",
              entry.begin < covered ? "it overlaps another tensor" : "there is a hole before it"));
    }
    if (entry.end > data_bytes) {
      throw TensorError(file, entry.name,
                        Cat("its data ends at byte ", entry.end, ", the file has only ", data_bytes,
                            " bytes of data; it was probably cut off while being downloaded or copied"));
    }
    covered = entry.end;
  }
  if (covered != data_bytes) {
    throw DataError(file,
                    Cat(data_bytes - covered, " bytes stand behind the last tensor; the file is damaged"));
  }
}

}  // namespace

const char* DtypeName(Dtype dtype) {
  return Info(dtype).name;
}
int64_t DtypeBytes(Dtype dtype) {
  return Info(dtype).bytes;
}

int64_t TensorBytes(Dtype dtype, const std::vector<int64_t>& shape) {
  // Dimensions of 0 count as 1 here, so that strides cannot overflow either.
  int64_t bytes = DtypeBytes(dtype);
  bool empty = false;
  for (const int64_t size : shape) {
    if (size < 0 || __builtin_mul_overflow(bytes, std::max<int64_t>(size, 1), &bytes)) return -1;
    empty |= size == 0;
  }
  return empty ? 0 : bytes;
}

TensorHeader ParseTensorHeader(std::span<const std::byte> bytes, const std::string& file) {
  const std::string_view text = HeaderText(bytes, file);
  const Json json = ParseHeaderJson(text, file);
  TensorHeader header;
  header.data_begin = static_cast<int64_t>(kLengthBytes + text.size());
  for (const auto& [name, value] : json.items()) {
    if (name != "__metadata__") {
      header.tensors.push_back(ParseEntry(name, value, file));
      continue;
    }
    if (!value.is_object()) throw DataError(file, "'__metadata__' of the header is not an object");
    for (const auto& [key, entry] : value.items()) {
      if (!entry.is_string())
        throw DataError(file, Cat("'__metadata__' has a value at ", Quoted(key), " that is no string"));
      header.metadata[key] = entry.get<std::string>();
    }
  }
  std::stable_sort(header.tensors.begin(), header.tensors.end(),
                   [](const TensorEntry& a, const TensorEntry& b) {
                     return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
                   });
  CheckPlaces(header.tensors, static_cast<int64_t>(bytes.size()) - header.data_begin, file);
  return header;
}

std::string FormatTensorHeader(const std::vector<TensorEntry>& tensors,
                               const std::map<std::string, std::string>& metadata, size_t at_least) {
  // Built entry by entry: nlohmann's ordered object searches all keys for each one that is added.
  std::vector<std::string> parts;
  const auto quote = [](const std::string& text) {
    return OrderedJson(text).dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
  };
  if (!metadata.empty()) parts.push_back("\"__metadata__\":" + Json(metadata).dump());
  for (const TensorEntry& entry : tensors) {
    const OrderedJson value = {{"dtype", DtypeName(entry.dtype)},
                               {"shape", entry.shape},
                               {"data_offsets", {entry.begin, entry.end}}};
    parts.push_back(Cat(quote(entry.name), ":", value.dump()));
  }
  std::string text = std::string(kLengthBytes, '\0') + "{" + Join(parts, ",") + "}";
  text.resize(std::max((text.size() + 7) / 8 * 8, at_least), ' ');
  const uint64_t length = text.size() - kLengthBytes;
  std::memcpy(text.data(), &length, kLengthBytes);
  return text;
}

}  // namespace bv
