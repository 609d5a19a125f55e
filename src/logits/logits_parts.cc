#include "logits/logits_parts.h"

#include <charconv>

#include "base/error.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/strings.h"
#include "features/window_json.h"

namespace bv {

const std::string& LogitsReader::Text(const char* key) const {
  const auto found = file_.metadata().find(key);
  if (found == file_.metadata().end()) throw DataError(path_, Cat("the metadata has no '", key, "'"));
  return found->second;
}

int64_t LogitsReader::Integer(const char* key, int64_t high) const {
  const std::string& text = Text(key);
  int64_t value = -1;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size() || value < 0 || value > high) {
    throw DataError(path_, Cat("the metadata's '", key, "' is ", Quoted(text), ", a whole number from 0 to ",
                               high, " is needed"));
  }
  return value;
}

// Numbers are texts here.
WindowOptions LogitsReader::Cut() const {
  Json cut = Json::object();
  for (const char* key : {"max_length", "doc_stride", "advance", "question_limit", "pad_to"}) {
    if (file_.metadata().contains(key)) cut[key] = Integer(key, INT32_MAX);
  }
  if (file_.metadata().contains("window_rule")) cut["window_rule"] = Text("window_rule");
  return ReadWindowOptions(cut, path_);
}

at::Tensor LogitsReader::Tensor(const char* name, Dtype dtype, const std::vector<int64_t>& shape) const {
  const TensorEntry& entry = file_.Entry(name);
  bool fits = entry.dtype == dtype && entry.shape.size() == shape.size();
  for (size_t i = 0; fits && i < shape.size(); ++i) fits = shape[i] < 0 || shape[i] == entry.shape[i];
  if (!fits) {
    throw DataError(path_, Cat("tensor '", name, "' is ", DtypeName(entry.dtype), " of ", entry.shape.size(),
                               " dimensions, or of another length than the others; ", DtypeName(dtype),
                               " of ", shape.size(), " is needed"));
  }
  return file_.Get(name).contiguous();
}

void LogitsReader::RequireFormat(const char* format, const char* version) const {
  if (Text("format") != format) {
    const bool texts = Text("format") == std::string_view(kTextLogitsFormat);
    throw DataError(path_, Cat("'format' is ", Quoted(Text("format")), ", needed: ", format,
                               texts ? "; its run classifies texts, the others find answers" : ""));
  }
  if (Text("version") != version) {
    throw Error(ErrorKind::kUnsupported,
                Cat(path_, ": format version ", Text("version"), ", this program reads version ", version));
  }
}

void LogitsReader::RequireChecksum(const std::vector<NamedTensor>& tensors) const {
  if (ChecksumOf(tensors) != Text("checksum"))
    throw DataError(path_, "does not fit its checksum; the file is damaged");
}

void AddCut(const WindowOptions& cut, std::map<std::string, std::string>* metadata) {
  OrderedJson json;
  AddWindowOptions(cut, &json);
  for (const auto& [key, value] : json.items())
    (*metadata)[key] = value.is_string() ? value.get<std::string>() : value.dump();
}

std::string ChecksumOf(const std::vector<NamedTensor>& tensors) {
  Xxh3 hash;
  for (const NamedTensor& one : tensors) {
    if (one.tensor.numel() > 0)
      hash.Update(one.tensor.const_data_ptr(), static_cast<size_t>(one.tensor.nbytes()));
  }
  return Hex(hash.Digest());
}

}  // namespace bv
