#include "fetch/download.h"

#include <algorithm>
#include <charconv>
#include <memory>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/strings.h"
#include "fetch/partial_file.h"

namespace bv::fetch {
namespace {

Error WrongLength(const Wanted& wanted, int64_t found) {
  return DataError(wanted.shown,
                   Cat("wrong length: ", Thousands(found), " bytes, ", Thousands(wanted.bytes),
                       " are expected; something between here and ", wanted.url, " changes it"));
}

// In KiB or MiB, so that the numbers stay readable.
class Bar {
 public:
  Bar(const Wanted& wanted, int64_t there)
      : shift_(wanted.bytes >= (int64_t{10} << 20) ? 20 : 10),
        bar_(wanted.shown, std::max<int64_t>(wanted.bytes, 0) >> shift_, shift_ == 20 ? "MiB" : "KiB") {
    if (there > 0) bar_.StartAt(there >> shift_);
  }
  void Set(int64_t bytes) { bar_.Set(bytes >> shift_); }
  void Clear() { bar_.Clear(); }

 private:
  int shift_;
  Progress bar_;
};

// The work of Download on one partial file.
class Fetcher {
 public:
  Fetcher(Transfer* transfer, const Wanted& wanted, const fs::path& place)
      : transfer_(transfer),
        wanted_(wanted),
        file_(place),
        bar_(wanted, file_.size()),
        backoff_(transfer->policy()) {
    if (wanted.bytes >= 0 && file_.size() > wanted.bytes) file_.Truncate(0);
    farthest_ = file_.size();
    resumed_ = file_.size() > 0;
    if (resumed_) LogDebug(Cat(wanted.shown, ": going on after ", Thousands(file_.size()), " bytes"));
  }

  int64_t Run() {
    for (;;) {
      while (!Complete()) TryOnce();
      bar_.Clear();
      const std::string found = HashFile(file_.path(), wanted_.hash.kind);
      if (found == wanted_.hash.hex) break;
      RefuseHash(found);
    }
    file_.Commit();
    return received_;
  }

 private:
  bool Complete() const { return wanted_.bytes >= 0 ? file_.size() == wanted_.bytes : ended_; }

  void TryOnce() {
    RequireSpace();
    const int64_t from = file_.size();
    bool begun = false;
    const HttpResponse response = transfer_->Get(wanted_.url, wanted_.token, from,
                                                 [&](const HttpResponse& answer, std::string_view piece) {
                                                   if (answer.status != 200 && answer.status != 206) return;
                                                   if (!begun) BeginBody(answer, from);
                                                   begun = true;
                                                   Take(piece);
                                                 });
    if (response.status == 416 && from > 0 && response.failure == Failure::kNone) {
      file_.Truncate(0);  // the server's file is shorter than what is here
      backoff_.WaitOrThrow(ErrorOf(response));
    } else if (IsPassing(response)) {
      bar_.Clear();
      backoff_.WaitOrThrow(ErrorOf(response), RetryAfter(response));
    } else if (!response.Complete(200) && !response.Complete(206)) {
      throw ErrorOf(response);
    } else if (wanted_.bytes >= 0 && file_.size() < wanted_.bytes) {
      // Without a length in its headers a body that was cut off looks like one that has ended.
      bar_.Clear();
      backoff_.WaitOrThrow(WrongLength(wanted_, file_.size()));
    } else {
      ended_ = true;
    }
    resumed_ = resumed_ || from > 0;
  }

  void BeginBody(const HttpResponse& answer, int64_t from) {
    BodyPlace place;
    try {
      place = PlaceOf(answer, from);
    } catch (const Error&) {
      file_.Truncate(0);  // so that the next command does not ask the same again
      throw;
    }
    if (wanted_.bytes >= 0 && place.total >= 0 && place.total != wanted_.bytes) {
      file_.Remove();
      throw WrongLength(wanted_, place.total);
    }
    if (place.begin < from) file_.Truncate(place.begin);
  }

  void Take(std::string_view piece) {
    const int64_t size = file_.size() + static_cast<int64_t>(piece.size());
    if (wanted_.bytes >= 0 && size > wanted_.bytes) {
      file_.Remove();
      throw WrongLength(wanted_, size);
    }
    file_.Append(piece);
    received_ += static_cast<int64_t>(piece.size());
    // A server that always breaks off at the same byte and begins anew makes no progress.
    if (file_.size() > farthest_) backoff_.Progress();
    farthest_ = std::max(farthest_, file_.size());
    bar_.Set(file_.size());
  }

  void RequireSpace() const {
    const int64_t free = FreeDiskBytes(file_.path()), needed = wanted_.bytes - file_.size();
    if (needed > free) {
      throw Error(ErrorKind::kIo, Cat(wanted_.shown, ": ", HumanBytes(needed), " are needed, ",
                                      HumanBytes(free), " are free at '", file_.path().parent_path().string(),
                                      "'; make room or choose another --cache"));
    }
  }

  // Parts of two versions give the hash of neither: once, everything is fetched again.
  void RefuseHash(const std::string& found) {
    if (resumed_) {
      LogWarning(Cat(wanted_.shown, ": the parts do not fit together; fetching it again from its beginning"));
      file_.Truncate(0);
      farthest_ = 0;
      resumed_ = ended_ = false;
      return;
    }
    file_.Remove();
    throw DataError(wanted_.shown,
                    Cat("wrong hash: ", found, ", ", wanted_.hash.hex, " is expected; ", wanted_.url,
                        " gave something else (damaged on the way, or changed); nothing was kept"));
  }

  Transfer* transfer_;
  const Wanted& wanted_;
  PartialFile file_;
  Bar bar_;
  Backoff backoff_;
  bool resumed_ = false;
  bool ended_ = false;  // where the length is not known
  int64_t received_ = 0;
  int64_t farthest_ = 0;  // the largest size that the file has had
};

}  // namespace

BodyPlace PlaceOf(const HttpResponse& response, int64_t from) {
  if (response.status == 200) return {0, response.Number("content-length")};
  const std::string range = response.Header("content-range");
  std::string_view rest = range;
  BodyPlace place{-1, -1};
  if (rest.starts_with("bytes ")) {
    rest.remove_prefix(6);
    const char* end = rest.data() + rest.size();
    const auto begin = std::from_chars(rest.data(), end, place.begin);
    if (begin.ec != std::errc() || begin.ptr == end || *begin.ptr != '-') place.begin = -1;
    const size_t slash = rest.find('/');
    if (slash != rest.npos) {
      const auto total = std::from_chars(rest.data() + slash + 1, end, place.total);
      if (total.ec != std::errc() || total.ptr != end || place.total < 0) place.total = -1;
    }
  }
  if (place.begin < 0 || place.begin > from) {
    throw DataError(response.url, Cat("the server answers a request for bytes from ", from,
                                      " with Content-Range ", Quoted(range)));
  }
  return place;
}

int64_t Download(Transfer* transfer, const Wanted& wanted, const fs::path& place) {
  if (fs::is_regular_file(place)) return 0;
  return Fetcher(transfer, wanted, place).Run();
}

}  // namespace bv::fetch
