// SPDX-License-Identifier: Apache-2.0
#include "core/plugin/library_copy.hpp"

#include "core/plugin/elf.hpp"

#include <gatehouse/sha256.hpp>

#include <openssl/evp.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <deque>
#include <fstream>
#include <memory>
#include <system_error>
#include <vector>

namespace gatehouse::core {

namespace {

/// Copies what is left of `from` to the end of `to` within the kernel.
bool copy_bytes(int from, int to) {
    constexpr std::size_t most = 1 << 30;
    ssize_t copied;
    while ((copied = ::sendfile(to, from, nullptr, most)) > 0) {
    }
    return copied == 0;
}

}  // namespace

std::string sha256_of_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    if (!file || !context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) return {};
    std::array<char, 65'536> block;
    while (file.read(block.data(), block.size()), file.gcount() > 0)
        EVP_DigestUpdate(context.get(), block.data(), static_cast<std::size_t>(file.gcount()));
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    if (!file.eof() || EVP_DigestFinal_ex(context.get(), digest.data(), &size) != 1) return {};
    return to_hex({reinterpret_cast<const char*>(digest.data()), size});
}

FileState state_of(const std::filesystem::path& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return {};
    // The clock of a file system is coarse: another change could follow within the same tick.
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    if (info.st_ctim.tv_sec + 2 > now.tv_sec) return {};
    return {static_cast<std::int64_t>(info.st_dev),
            static_cast<std::int64_t>(info.st_ino),
            info.st_size,
            info.st_mtim.tv_sec,
            info.st_mtim.tv_nsec,
            info.st_ctim.tv_sec,
            info.st_ctim.tv_nsec};
}

LibraryCopy::LibraryCopy(std::filesystem::path path) : original_(std::move(path)), path_(original_) {
    if (names_own_folder(original_)) return;
    const int file = ::open(original_.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    const int fd = ::memfd_create(original_.filename().c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING);
    const bool copied = fd >= 0 && copy_bytes(file, fd);
    ::close(file);
    if (!copied) {
        if (fd >= 0) ::close(fd);
        return;
    }
    fd_ = fd;
    path_ = "/proc/self/fd/" + std::to_string(fd);
}

LibraryCopy::~LibraryCopy() {
    if (fd_ >= 0 && !kept_) ::close(fd_);
}

// The end of the last segment in the file.
std::uint64_t LibraryCopy::loaded_bytes() const {
    ElfW(Ehdr) header{};
    if (::pread(fd_, &header, sizeof header, 0) != sizeof header) return 0;
    std::vector<ElfW(Phdr)> segments(header.e_phnum);
    const auto size = static_cast<ssize_t>(segments.size() * sizeof segments[0]);
    if (::pread(fd_, segments.data(), static_cast<std::size_t>(size), static_cast<off_t>(header.e_phoff)) !=
        size)
        return 0;
    std::uint64_t end = 0;
    for (const auto& segment : segments)
        if (segment.p_type == PT_LOAD)
            end = std::max<std::uint64_t>(end, segment.p_offset + segment.p_filesz);
    return end;
}

void LibraryCopy::seal() {
    if (!is_copy()) return;
    const std::uint64_t end = loaded_bytes();
    const off_t size = ::lseek(fd_, 0, SEEK_END);
    if (end > 0 && size > static_cast<off_t>(end))
        ::fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(end),
                    size - static_cast<off_t>(end));
    ::fcntl(fd_, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
}

// The linker finds a loaded library by its name again, so the number of the descriptor must never name
// another copy.
void LibraryCopy::name_loaded(void* handle) {
    if (!is_copy()) return;
    kept_ = true;
    link_map* map = nullptr;
    if (::dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0 || !map) return;
    struct Names {
        std::deque<std::string> given;
        std::vector<char*> of_the_linker;
    };
    static auto* const names = new Names;
    names->of_the_linker.push_back(map->l_name);
    map->l_name = names->given.emplace_back(original_.string()).data();
}

}  // namespace gatehouse::core
