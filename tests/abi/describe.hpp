// SPDX-License-Identifier: Apache-2.0
// The tools of abi_text.cpp.  They detect omissions: an unlisted member of a struct, an
// additional value of an enumeration and an additional function of an interface fail to
// compile or show in the text.
//
// The slot of a virtual function is read from a pointer to member.  By the Itanium C++
// ABI (g++ and clang) it holds the function's offset in the virtual table.
#pragma once

#include <cxxabi.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>
#include <string_view>
#include <typeinfo>
#include <variant>

namespace abi_description {

inline void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
}

/// A type's name as written in source, the same for every compiler.
template <typename T>
std::string name_of() {
    int status = 0;
    char* demangled = abi::__cxa_demangle(typeid(T).name(), nullptr, nullptr, &status);
    std::string name = status == 0 ? demangled : typeid(T).name();
    std::free(demangled);
    replace_all(name, "> >", ">>");
    replace_all(name, "> >", ">>");
    replace_all(name, "std::__cxx11::", "std::");
    replace_all(name, "std::basic_string<char, std::char_traits<char>, std::allocator<char>>", "std::string");
    replace_all(name, "std::basic_string_view<char, std::char_traits<char>>", "std::string_view");
    for (std::size_t at; (at = name.find(", std::allocator<")) != std::string::npos;) {
        std::size_t end = at + std::strlen(", std::allocator<");
        for (int open = 1; open > 0; ++end) open += name[end] == '<' ? 1 : name[end] == '>' ? -1 : 0;
        name.erase(at, end - at);
    }
    replace_all(name, "gatehouse::", "");
    return name;
}

/// The index of `function` in the virtual table.
template <typename Function>
std::ptrdiff_t slot_of(Function function) {
    std::ptrdiff_t words[2];
    static_assert(sizeof function == sizeof words);
    std::memcpy(words, &function, sizeof words);
#if defined(__aarch64__)
    const bool is_virtual = words[1] & 1;
    const std::ptrdiff_t offset = words[0];
#else
    const bool is_virtual = words[0] & 1;
    const std::ptrdiff_t offset = words[0] - 1;
#endif
    return is_virtual ? offset / static_cast<std::ptrdiff_t>(sizeof(void*)) : -1;
}

/// The number of entries in an interface's virtual table.  A function that is added at
/// the end would have this index.
template <typename Interface>
struct Extended : Interface {
    virtual void added_behind() = 0;
};
template <typename Interface>
std::ptrdiff_t slots_of() {
    return slot_of(&Extended<Interface>::added_behind);
}

template <typename Variant>
struct Alternatives;
template <typename... Types>
struct Alternatives<std::variant<Types...>> {
    static std::string text() {
        std::string list;
        ((list += "  " + name_of<Types>() + "\n"), ...);
        return list;
    }
};

class Description {
public:
    template <typename T>
    void type(const char* name) {
        out_ << name << ": size " << sizeof(T) << ", alignment " << alignof(T) << "\n";
    }
    template <typename T, typename Member>
    void member(const T& object, const Member& member, const char* name) {
        const auto* from = reinterpret_cast<const char*>(&object);
        out_ << "  " << reinterpret_cast<const char*>(&member) - from << " " << name << ": "
             << name_of<Member>() << "\n";
    }
    template <typename Variant>
    void alternatives(const char* name) {
        type<Variant>(name);
        out_ << Alternatives<Variant>::text();
    }
    template <typename Interface>
    void interface(const char* name) {
        out_ << name << ": " << slots_of<Interface>() << " slots, size " << sizeof(Interface) << "\n";
    }
    template <typename Function>
    void function(Function pointer, const char* name) {
        out_ << "  " << slot_of(pointer) << " " << name << ": " << name_of<Function>() << "\n";
    }
    template <typename T>
    void value(const char* name, const T& value) {
        out_ << name << " " << value << "\n";
    }
    std::string text() const { return out_.str(); }

private:
    std::ostringstream out_;
};

}  // namespace abi_description

// ABI_EACH(macro, fixed, a, b, …) is macro(fixed, a) macro(fixed, b) …
#define ABI_AGAIN_1(...) ABI_AGAIN_2(ABI_AGAIN_2(ABI_AGAIN_2(__VA_ARGS__)))
#define ABI_AGAIN_2(...) ABI_AGAIN_3(ABI_AGAIN_3(ABI_AGAIN_3(__VA_ARGS__)))
#define ABI_AGAIN_3(...) ABI_AGAIN_4(ABI_AGAIN_4(ABI_AGAIN_4(__VA_ARGS__)))
#define ABI_AGAIN_4(...) __VA_ARGS__
#define ABI_NOTHING()
#define ABI_EACH(macro, fixed, ...) __VA_OPT__(ABI_AGAIN_1(ABI_NEXT(macro, fixed, __VA_ARGS__)))
#define ABI_NEXT(macro, fixed, first, ...) \
    macro(fixed, first) __VA_OPT__(ABI_NEXT_LATER ABI_NOTHING()()(macro, fixed, __VA_ARGS__))
#define ABI_NEXT_LATER() ABI_NEXT

#define ABI_MEMBER(object, name) text.member(object, object.name, #name);
#define ABI_FUNCTION(Interface, name) text.function(&Interface::name, #name);
#define ABI_CASE(Enum, name) case Enum::name:
#define ABI_VALUE(Enum, name) text.value("  " #name, static_cast<int>(Enum::name));

/// All members of a struct.  The structured binding does not compile with a list of another
/// length.
#define ABI_STRUCT(Type, ...)                                                              \
    {                                                                                      \
        static const Type object{};                                                        \
        [](const Type& one) { [[maybe_unused]] const auto& [__VA_ARGS__] = one; }(object); \
        text.type<Type>(#Type);                                                            \
        ABI_EACH(ABI_MEMBER, object, __VA_ARGS__)                                          \
    }
/// All values of an enumeration.  The switch does not compile without one of them.
#define ABI_ENUM(Enum, ...)                                                 \
    {                                                                       \
        [](Enum value) {                                                    \
            switch (value) { ABI_EACH(ABI_CASE, Enum, __VA_ARGS__) break; } \
        }(Enum{});                                                          \
        text.type<Enum>(#Enum);                                             \
        ABI_EACH(ABI_VALUE, Enum, __VA_ARGS__)                              \
    }
/// The accessible functions of an interface.  The number of slots counts all.
#define ABI_INTERFACE(Interface, ...)                  \
    {                                                  \
        text.interface<Interface>(#Interface);         \
        ABI_EACH(ABI_FUNCTION, Interface, __VA_ARGS__) \
    }
