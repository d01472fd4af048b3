// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/upstream/content_decoder.hpp"

#include "plugins/common/upstream/error_body.hpp"
#include "plugins/common/upstream/text.hpp"

#include <zlib.h>

#include <array>
#include <limits>

namespace gatehouse::upstream {

namespace {

constexpr std::size_t piece_bytes = 64 * 1024;

// zlib's parameter: the largest window, and the format.
constexpr int window = 15, gzip_or_zlib = window + 32, raw_deflate = -window;

constexpr unsigned char first_of_gzip = 0x1F;

bool may_be_zlib(unsigned char first) { return (first & 0x0F) == Z_DEFLATED && first >> 4 <= window - 8; }

/// Whether JSON or an event stream may begin with this byte.
bool begins_plain_body(unsigned char first) {
    return std::string_view("{[ \r\n\tdei:\xEF").find(static_cast<char>(first)) != std::string_view::npos;
}

}  // namespace

void ContentDecoder::End::operator()(z_stream_s* stream) const {
    inflateEnd(stream);
    delete stream;
}

ContentDecoder::ContentDecoder(std::string_view coding) : coding_(lower_case(presentable(coding, 40))) {
    if (coding_ == "identity") coding_.clear();
    if (coding_ == "x-gzip") coding_ = "gzip";
}

bool ContentDecoder::is_known() const { return coding_ == "gzip" || coding_ == "deflate"; }

ContentDecoder::ContentDecoder(ContentDecoder&&) noexcept = default;
ContentDecoder& ContentDecoder::operator=(ContentDecoder&&) noexcept = default;
ContentDecoder::~ContentDecoder() = default;

/// Neither JSON nor an event stream begins with the first byte of gzip.
void ContentDecoder::begin(unsigned char first) {
    if (coding_.empty() && first == first_of_gzip) coding_ = "gzip";
    // Some servers announce a coding and send a plain body.
    if (coding_.empty() || (coding_ == "gzip" && first != first_of_gzip) ||
        (!is_known() && begins_plain_body(first))) {
        state_ = State::plain;
        return;
    }
    if (!is_known()) {
        state_ = State::failed;
        return;
    }
    const bool wrapped = first == first_of_gzip || may_be_zlib(first);
    auto stream = std::make_unique<z_stream_s>();
    const bool ready = inflateInit2(stream.get(), wrapped ? gzip_or_zlib : raw_deflate) == Z_OK;
    if (ready) stream_.reset(stream.release());
    state_ = ready ? State::inflates : State::failed;
}

bool ContentDecoder::decode(std::string_view bytes, const std::function<bool(std::string_view)>& each) {
    if (bytes.empty()) return state_ != State::failed;
    const auto first = static_cast<unsigned char>(bytes.front());
    if (state_ == State::unknown) begin(first);
    if (state_ == State::between_members) state_ = first == first_of_gzip ? State::inflates : State::ended;
    switch (state_) {
        case State::plain: each(bytes); return true;
        case State::inflates: return inflate(bytes, each);
        case State::ended: return true;
        case State::unknown:
        case State::between_members:
        case State::failed: return false;
    }
    return false;
}

bool ContentDecoder::inflate(std::string_view bytes, const std::function<bool(std::string_view)>& each) {
    std::array<char, piece_bytes> room;
    // zlib's interface has no const.
    stream_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_->avail_in = static_cast<uInt>(bytes.size());
    for (;;) {
        stream_->next_out = reinterpret_cast<Bytef*>(room.data());
        stream_->avail_out = static_cast<uInt>(room.size());
        const int result = ::inflate(stream_.get(), Z_NO_FLUSH);
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
            state_ = State::failed;
            return false;
        }
        const std::size_t made = room.size() - stream_->avail_out;
        if (made > 0 && !each({room.data(), made})) return true;
        if (result == Z_STREAM_END) {
            // A second member may follow.  Other bytes after a member are padding.
            inflateReset(stream_.get());
            if (stream_->avail_in > 0 && *stream_->next_in == first_of_gzip) continue;
            state_ = stream_->avail_in == 0 && coding_ == "gzip" ? State::between_members : State::ended;
            return true;
        }
        if (made < room.size()) return true;  // it needs more input
    }
}

}  // namespace gatehouse::upstream
