// The word lists that Example Cloud's customers are made of. Nobody in it is real: names are drawn at random, addresses
// end in `.example` (RFC 2606), and those at gmail.com hold an underscore, which Gmail gives to nobody.

export type Culture = {
  readonly given: readonly string[];
  readonly family: readonly string[];
  /** Family name first, without a space: 田中太郎. */
  readonly familyFirst?: true;
};

/** A name, and where it is not in Latin letters, `/` and how it is typed in a user name. */
const words = (text: string): readonly string[] => text.split(" ");

export const CULTURES = {
  en: {
    given: words(
      "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Siobhán Zoë Chloé Tyler Aisha Noah Olivia Liam Emma Oliver Amelia Ethan Sofía Mason Harper Logan Evelyn Lucas",
    ),
    family: words(
      "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodríguez Martinez Hernandez Lopez O'Brien Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Nguyen Thompson White Harris Clark Lewis Robinson Walker Young",
    ),
  },
  de: {
    given: words(
      "Lukas Anna Leon Marie Jürgen Käthe Maximilian Sophie Felix Hannah Björn Jörg Günther Ursula Paul Emilia Jonas Mia Stefan Sabine Matthias Claudia Sören Heike Tobias Katrin",
    ),
    family: words(
      "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Krüger Hofmann Groß Lange Weiß Köhler",
    ),
  },
  fr: {
    given: words(
      "Léa Gabriel Chloé Louis Inès Raphaël Manon Jules Camille Adam Zoé Lucas Anaïs Hugo Éloïse Théo Maëlys Noël Jérôme Hélène François Benoît Aurélie Cédric Océane Rémi",
    ),
    family: words(
      "Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent Lefèvre Michel García David Bertrand Roux Vincent Fournier Morel Girard André Mercier Lambert Bélanger",
    ),
  },
  es: {
    given: words(
      "Lucía Hugo Martina Mateo Sofía Martín María Leo Julia Daniel Paula Alejandro Valeria Manuel Íñigo Begoña José Carmen Ángel Núria Andrés Ximena Joaquín Mónica Jesús Inés",
    ),
    family: words(
      "García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Martín Jiménez Ruiz Hernández Díaz Moreno Muñoz Álvarez Romero Alonso Gutiérrez Navarro Núñez Ibáñez Peña Cabañas Zúñiga",
    ),
  },
  it: {
    given: words(
      "Leonardo Sofia Francesco Aurora Alessandro Giulia Lorenzo Ginevra Mattia Alice Niccolò Beatrice Andrea Emma Gabriele Giorgia Riccardo Vittoria Tommaso Matilde Nicolò Chiara",
    ),
    family: words(
      "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti DeLuca Mancini Costa Giordano Rizzo Lombardi Moretti D'Angelo Nicolò",
    ),
  },
  nl: {
    given: words(
      "Daan Emma Sem Julia Lucas Mila Levi Tess Finn Sophie Zoë Noud Anouk Jeroen Femke Joost Maaike Thijs Sanne Bram Lotte Ruben",
    ),
    family: words(
      "Jong Jansen Vries Bakker Visser Smit Meijer Mulder Bos Peters Hendriks Dekker Brouwer Dijkstra Kuiper Vermeulen Schouten Willems Hoekstra Koster",
    ),
  },
  pt: {
    given: words(
      "João Maria Miguel Alice Arthur Helena Heitor Laura Davi Manuela Antônio Conceição Luís Inês Fábio Patrícia André Letícia Márcio Cláudia Sebastião Júlia",
    ),
    family: words(
      "Silva Santos Oliveira Souza Rodrigues Ferreira Alves Pereira Lima Gomes Costa Ribeiro Martins Carvalho Araújo Gonçalves Falcão Magalhães Conceição Simões",
    ),
  },
  pl: {
    given: words(
      "Jakub Zofia Antoni Hanna Jan Julia Szymon Maja Stanisław Małgorzata Łukasz Agnieszka Paweł Katarzyna Michał Żaneta Wojciech Grażyna Świętosława Tomasz",
    ),
    family: words(
      "Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański Woźniak Dąbrowski Kozłowski Jankowski Mazur Krawczyk Pająk Wróbel Błaszczyk Górski Żak",
    ),
  },
  ja: {
    familyFirst: true,
    given: words(
      "太郎/taro 花子/hanako 翔太/shota 美咲/misaki 健一/kenichi さくら/sakura 大輔/daisuke 陽菜/hina 直樹/naoki 結衣/yui 誠/makoto 葵/aoi 拓也/takuya 愛/ai 一郎/ichiro 麻衣/mai 隆/takashi 恵子/keiko",
    ),
    family: words(
      "佐藤/sato 鈴木/suzuki 高橋/takahashi 田中/tanaka 伊藤/ito 渡辺/watanabe 山本/yamamoto 中村/nakamura 小林/kobayashi 加藤/kato 吉田/yoshida 山田/yamada 佐々木/sasaki 松本/matsumoto 井上/inoue 木村/kimura 斎藤/saito 髙島/takashima",
    ),
  },
  zh: {
    familyFirst: true,
    given: words(
      "伟/wei 芳/fang 娜/na 秀英/xiuying 敏/min 静/jing 丽/li 强/qiang 磊/lei 军/jun 洋/yang 勇/yong 艳/yan 杰/jie 涛/tao 明/ming 超/chao 霞/xia",
    ),
    family: words(
      "王/wang 李/li 张/zhang 刘/liu 陈/chen 杨/yang 黄/huang 赵/zhao 吴/wu 周/zhou 徐/xu 孙/sun 马/ma 朱/zhu 胡/hu 郭/guo 何/he 林/lin",
    ),
  },
  ko: {
    familyFirst: true,
    given: words(
      "민준/minjun 서연/seoyeon 도윤/doyun 지우/jiwoo 예준/yejun 하은/haeun 시우/siwoo 수아/sua 주원/juwon 지민/jimin 현우/hyunwoo 은지/eunji",
    ),
    family: words(
      "김/kim 이/lee 박/park 최/choi 정/jung 강/kang 조/cho 윤/yoon 장/jang 임/lim 한/han 오/oh",
    ),
  },
  ru: {
    given: words(
      "Александр/aleksandr Мария/maria Дмитрий/dmitry Анна/anna Сергей/sergey Ольга/olga Андрей/andrey Елена/elena Иван/ivan Наталья/natalia Фёдор/fyodor Юлия/yulia",
    ),
    family: words(
      "Иванов/ivanov Смирнов/smirnov Кузнецов/kuznetsov Попов/popov Васильев/vasiliev Петров/petrov Соколов/sokolov Михайлов/mikhailov Новиков/novikov Морозов/morozov Щербаков/shcherbakov Соловьёв/solovyov",
    ),
  },
  hi: {
    given: words(
      "Aarav Saanvi Vivaan Aadhya Aditya Diya Arjun Ananya Sai Priya Rohan Neha Karthik Lakshmi Imran Fatima Rahul Pooja अमित/amit सुनीता/sunita",
    ),
    family: words(
      "Sharma Verma Patel Singh Kumar Gupta Reddy Iyer Nair Khan Das Mukherjee Joshi Desai Rao Chatterjee Pillai Bhat Kaur Mehta",
    ),
  },
  tr: {
    given: words(
      "Yusuf Zeynep Eymen Elif Ömer Asel Çağrı Şule İbrahim Gülşen Mehmet Ayşe Emre Büşra Oğuz Ipek",
    ),
    family: words(
      "Yılmaz Kaya Demir Şahin Çelik Yıldız Yıldırım Öztürk Aydın Özdemir Arslan Doğan Kılıç Çetin",
    ),
  },
  nordic: {
    given: words(
      "Åsa Björn Søren Maja Øyvind Astrid Mikael Sanna Lars Ingrid Jón Þóra Eero Päivi Nils Freja Ólafur Kåre",
    ),
    family: words(
      "Andersson Johansson Hansen Nielsen Korhonen Virtanen Jónsdóttir Bjørnstad Lindström Åkerman Sørensen Mäkinen Ødegård Nyström",
    ),
  },
  ar: {
    given: words(
      "محمد/mohamed فاطمة/fatima أحمد/ahmed عائشة/aisha علي/ali مريم/mariam يوسف/youssef نور/nour عمر/omar ليلى/layla",
    ),
    family: words(
      "المصري/elmasry حداد/haddad الخطيب/khatib ناصر/nasser صالح/saleh منصور/mansour عيسى/issa سليمان/suleiman",
    ),
  },
} as const satisfies Record<string, Culture>;

export type CultureName = keyof typeof CULTURES;

export type Country = {
  readonly code: string;
  /** Of 10,000 customers. */
  readonly share: number;
  readonly culture: CultureName;
  /** BCP 47 with parts of 10. */
  readonly languages: readonly (readonly [string, number])[];
  /** ISO 3166-2 subdivisions with parts of the whole; none where no law asks for it here. */
  readonly regions?: readonly (readonly [string, number])[];
  /** E.164 prefix, and how many digits follow. */
  readonly phone: readonly [string, number];
};

const STATES: readonly (readonly [string, number])[] = [
  ["US-CA", 14], ["US-TX", 9], ["US-NY", 8], ["US-FL", 6], ["US-WA", 6], ["US-IL", 4], ["US-MA", 4], ["US-VA", 3], ["US-NC", 3], ["US-CO", 3],
]; // prettier-ignore

const country = (
  code: string,
  share: number,
  rest: Pick<Country, "culture" | "languages" | "phone"> & Partial<Pick<Country, "regions">>,
): Country => ({ code, share, ...rest });

/** Countries with a share worth a line of its own. */
export const COUNTRIES: readonly Country[] = [
  country("US", 3100, { culture: "en", languages: [["en-US", 9], ["es-US", 1]], regions: STATES, phone: ["+1202555", 4] }),
  country("IN", 900, { culture: "hi", languages: [["en-IN", 9], ["hi", 1]], phone: ["+9198", 8] }),
  country("DE", 700, { culture: "de", languages: [["de", 9], ["en", 1]], phone: ["+49151", 8] }),
  country("GB", 520, { culture: "en", languages: [["en-GB", 10]], phone: ["+447700900", 3] }),
  country("CN", 500, { culture: "zh", languages: [["zh-CN", 8], ["en", 2]], phone: ["+86138", 8] }),
  country("FR", 450, { culture: "fr", languages: [["fr", 10]], phone: ["+33639", 6] }),
  country("BR", 450, { culture: "pt", languages: [["pt-BR", 10]], phone: ["+551199", 7] }),
  country("JP", 400, { culture: "ja", languages: [["ja", 10]], phone: ["+8190", 8] }),
  country("CA", 310, { culture: "en", languages: [["en-CA", 8], ["fr-CA", 2]], regions: [["CA-ON", 5], ["CA-QC", 3], ["CA-BC", 2]], phone: ["+1613555", 4] }),
  country("RU", 250, { culture: "ru", languages: [["ru", 10]], phone: ["+7900", 7] }),
  country("KR", 220, { culture: "ko", languages: [["ko", 10]], phone: ["+8210", 8] }),
  country("NL", 210, { culture: "nl", languages: [["nl", 9], ["en", 1]], phone: ["+316", 8] }),
  country("ES", 200, { culture: "es", languages: [["es", 9], ["en", 1]], phone: ["+346", 8] }),
  country("IT", 200, { culture: "it", languages: [["it", 10]], phone: ["+39345", 7] }),
  country("PL", 190, { culture: "pl", languages: [["pl", 10]], phone: ["+4850", 7] }),
  country("AU", 180, { culture: "en", languages: [["en-AU", 10]], phone: ["+614", 8] }),
  country("MX", 120, { culture: "es", languages: [["es-MX", 10]], phone: ["+5255", 8] }),
  country("TR", 100, { culture: "tr", languages: [["tr", 10]], phone: ["+9053", 8] }),
  country("SE", 90, { culture: "nordic", languages: [["sv", 5], ["en", 5]], phone: ["+4670", 7] }),
  country("CH", 80, { culture: "de", languages: [["de-CH", 6], ["fr-CH", 3], ["it-CH", 1]], phone: ["+4179", 7] }),
  country("AT", 70, { culture: "de", languages: [["de-AT", 10]], phone: ["+43660", 7] }),
  country("BE", 70, { culture: "nl", languages: [["nl-BE", 6], ["fr-BE", 4]], phone: ["+32470", 6] }),
  country("PT", 60, { culture: "pt", languages: [["pt-PT", 10]], phone: ["+35191", 7] }),
  country("AR", 60, { culture: "es", languages: [["es-AR", 10]], phone: ["+54911", 8] }),
  country("NO", 50, { culture: "nordic", languages: [["nb", 6], ["en", 4]], phone: ["+4740", 6] }),
  country("IE", 50, { culture: "en", languages: [["en-IE", 10]], phone: ["+35385", 7] }),
  country("EG", 40, { culture: "ar", languages: [["ar", 7], ["en", 3]], phone: ["+2010", 8] }),
  country("FI", 40, { culture: "nordic", languages: [["fi", 5], ["en", 5]], phone: ["+35840", 7] }),
]; // prettier-ignore

/** The long tail: what is left of 10,000 is spread over these evenly, with English. */
export const TAIL = words(
  "AD AE AF AL AM AO AZ BA BB BD BF BG BH BI BJ BN BO BW BY BZ CD CI CL CM CO CR CU CV CY CZ DJ DK DO DZ EC EE ET FJ GA GE GH GM GN GR GT GY HK HN HR HT HU ID IL IQ IR IS JM JO KE KG KH KW KZ LA LB LK LS LT LU LV LY MA MC MD ME MG MK ML MM MN MO MR MT MU MV MW MY MZ NA NE NG NI NP NZ OM PA PE PG PH PK PR PS PY QA RO RS RW SA SD SG SI SK SN SV SY TG TH TN TT TW TZ UA UG UY UZ VE VN YE ZA ZM ZW",
);

/** Mailbox providers with parts of 100. At `gmail.com` dots and case do not tell two mailboxes apart. */
export const MAILBOXES: readonly (readonly [string, number])[] = [
  ["gmail.com", 38], ["freemail.example", 17], ["postfach.example", 9], ["courriel.example", 8], ["correo.example", 8],
  ["yubin.example", 6], ["poczta.example", 5], ["campus.example", 9],
]; // prettier-ignore

/** How a name is typed in a user name: Latin letters a to z. */
export function typed(word: string): string {
  const [, romanised] = word.split("/");
  return (romanised ?? fold(word)).toLowerCase();
}

/** The name as its owner writes it. */
export function written(word: string): string {
  return word.split("/")[0] ?? word;
}

const LETTERS: Readonly<Record<string, string>> = {
  ł: "l",
  ø: "o",
  ß: "ss",
  þ: "th",
  ı: "i",
  æ: "ae",
  đ: "d",
};

function fold(word: string): string {
  return word
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[łøßþıæđ]/g, (letter) => LETTERS[letter] ?? "")
    .replace(/[^a-z]/g, "");
}
