#include "fetch/unzip.h"

#include <zip.h>

#include <memory>
#include <vector>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/strings.h"

namespace bv::fetch {
namespace {

constexpr size_t kBlock = size_t{1} << 20;

struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseMember {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

}  // namespace

void Unzip(const std::filesystem::path& path, const std::string& member,
           const std::function<void(std::string_view)>& take) {
  int code = 0;
  const std::unique_ptr<zip_t, CloseArchive> archive(zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (!archive) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    const std::string reason = zip_error_strerror(&error);
    zip_error_fini(&error);
    throw DataError(path.string(), "cannot be read as a zip archive: " + reason);
  }
  const std::unique_ptr<zip_file_t, CloseMember> file(zip_fopen(archive.get(), member.c_str(), 0));
  if (!file)
    throw DataError(path.string(),
                    Cat("the archive gives no ", Quoted(member, 200), ": ", zip_strerror(archive.get())));
  std::vector<char> block(kBlock);
  for (;;) {
    const zip_int64_t got = zip_fread(file.get(), block.data(), block.size());
    if (got < 0)
      throw DataError(path.string(),
                      Cat("member ", Quoted(member, 200), " is damaged: ", zip_file_strerror(file.get())));
    if (got == 0) return;
    take({block.data(), static_cast<size_t>(got)});
    if (InterruptRequested()) throw Error(ErrorKind::kInterrupted, "interrupted");
  }
}

}  // namespace bv::fetch
