#include "base/hash.h"

#include <xxhash.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <new>

#include "base/file.h"

namespace bv {

struct Xxh3::State {
  XXH3_state_t* value = XXH3_createState();
  ~State() { XXH3_freeState(value); }
};

Xxh3::Xxh3() : state_(std::make_unique<State>()) {
  if (state_->value == nullptr) throw std::bad_alloc();
  XXH3_64bits_reset(state_->value);
}
Xxh3::~Xxh3() = default;

void Xxh3::Update(const void* data, size_t bytes) {
  XXH3_64bits_update(state_->value, data, bytes);
}
uint64_t Xxh3::Digest() const {
  return XXH3_64bits_digest(state_->value);
}

uint64_t HashBytes(const void* data, size_t bytes) {
  return XXH3_64bits(data, bytes);
}

uint64_t HashFile(const std::filesystem::path& path) {
  Xxh3 hash;
  ReadInBlocks(path, [&](std::string_view block) { hash.Update(block); });
  return hash.Digest();
}

std::string Hex(uint64_t value) {
  std::array<char, 20> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%016llx", static_cast<unsigned long long>(value));
  return buffer.data();
}

std::optional<uint64_t> ParseHex(std::string_view text) {
  uint64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  // Compared, so that capitals and other spellings of the same number are refused.
  if (error != std::errc() || Hex(value) != text) return std::nullopt;
  return value;
}

}  // namespace bv
