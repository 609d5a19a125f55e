#include "base/hash.h"

#include <fcntl.h>
#include <unistd.h>
#include <xxhash.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <new>
#include <vector>

#include "base/error.h"

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
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw IoError("cannot open", path.string());
  Xxh3 hash;
  std::vector<char> buffer(1 << 20);
  for (;;) {
    const ssize_t got = read(descriptor, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const int code = errno;
      close(descriptor);
      errno = code;
      throw IoError("cannot read", path.string());
    }
    if (got == 0) break;
    hash.Update(buffer.data(), static_cast<size_t>(got));
  }
  close(descriptor);
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
